"""Addresses of the interface, version 1. What is here stays; new things are added beside it."""

from django.urls import path

from lifeops.api.views import cases, money, papers, people, requests, schema, work

app_name = "api"
urlpatterns = [
    path("schema/", schema.SchemaView.as_view(), name="schema"),
    path("docs/", schema.DocsView.as_view(), name="docs"),
    path("auth/token/", people.TokenView.as_view(), name="token"),
    path("me/", people.MeView.as_view(), name="me"),
    path("catalogue/", people.CatalogueView.as_view(), name="catalogue"),
    path("cases/", cases.CasesView.as_view(), name="cases"),
    path("cases/<str:number>/", cases.CaseView.as_view(), name="case"),
    path("cases/<str:number>/record/", cases.RecordView.as_view(), name="record"),
    path("cases/<str:number>/steps/<slug:step>/", cases.StepView.as_view(), name="step"),
    path("cases/<str:number>/preview/", cases.PreviewView.as_view(), name="preview"),
    path("cases/<str:number>/findings/", cases.FindingsView.as_view(), name="findings"),
    path("cases/<str:number>/history/", cases.HistoryView.as_view(), name="history"),
    path("cases/<str:number>/clocks/<int:pk>/", cases.ClockView.as_view(), name="clock"),
    path("cases/<str:number>/trail/", cases.TrailView.as_view(), name="trail"),
    path("cases/<str:number>/documents/", papers.DocumentsView.as_view(), name="documents"),
    path("cases/<str:number>/documents/pages/<int:pk>/", papers.PageView.as_view(), name="page"),
    path("cases/<str:number>/documents/pages/<int:pk>/image/", papers.PageImageView.as_view(), name="page_image"),
    path("cases/<str:number>/documents/pages/<int:pk>/thumb/", papers.PageThumbView.as_view(), name="page_thumb"),
    path("cases/<str:number>/letters/", papers.LettersView.as_view(), name="letters"),
    path("cases/<str:number>/payments/", money.PaymentsView.as_view(), name="payments"),
    path("cases/<str:number>/payments/<str:payment>/<slug:act>/", money.PaymentActView.as_view(), name="payment_act"),
    path("cases/<str:number>/requests/", requests.CaseRequestsView.as_view(), name="case_requests"),
    path("hand-overs/", cases.HandOverView.as_view(), name="hand_overs"),
    path("letters/<int:pk>/pdf/", papers.LetterPdfView.as_view(), name="letter_pdf"),
    path("letters/<int:pk>/print/", papers.LetterPrintView.as_view(), name="letter_print"),
    path("requests/", requests.RequestsView.as_view(), name="requests"),
    path("requests/<str:number>/", requests.RequestView.as_view(), name="request"),
    path("requests/<str:number>/steps/<slug:step>/", requests.RequestStepView.as_view(), name="request_step"),
    path("requests/<str:number>/letter/", requests.RequestLetterView.as_view(), name="request_letter"),
    path("requests/<str:number>/print/", requests.RequestPrintView.as_view(), name="request_print"),
    path("queues/", work.QueuesView.as_view(), name="queues"),
    path("queues/<slug:desk>/", work.QueueView.as_view(), name="queue"),
    path("queues/<slug:desk>/next/", work.NextView.as_view(), name="next"),
    path("policies/<str:number>/", work.PolicyView.as_view(), name="policy"),
    path("search/", work.SearchView.as_view(), name="search"),
    path("notices/", work.NoticesView.as_view(), name="notices"),
    path("notices/read/", work.NoticesReadView.as_view(), name="notices_read"),
]
