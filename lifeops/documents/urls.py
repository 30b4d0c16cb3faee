from django.urls import path

from lifeops.documents import letter_views, notice_views, statement_views, views

app_name = "documents"
urlpatterns = [
    path("cases/<str:number>/viewer/", views.viewer, name="viewer"),
    path("cases/<str:number>/manage/", views.manage, name="manage"),
    path("cases/<str:number>/upload/", views.upload, name="upload"),
    path("pages/<int:pk>/image/", views.page_image, name="page_image"),
    path("pages/<int:pk>/thumb/", views.thumb, name="thumb"),
    path("pages/<int:pk>/state/", views.page_state, name="page_state"),
    path("cases/<str:number>/letters/", letter_views.letters, name="letters"),
    path("cases/<str:number>/letters/issue/", letter_views.letter_issue, name="letter_issue"),
    path("letters/<int:pk>/pdf/", letter_views.letter_pdf, name="letter_pdf"),
    path("letters/<int:pk>/print/", letter_views.letter_print, name="letter_print"),
    path("policies/<str:number>/statement/", statement_views.statement_issue, name="statement_issue"),
    path("statements/<int:pk>/pdf/", statement_views.statement_pdf, name="statement_pdf"),
    path("policy-notices/", notice_views.notices, name="notices"),
    path("policy-notices/print/", notice_views.notices_print, name="notices_print"),
    path("policy-notices/<int:pk>/sent/", notice_views.notice_sent, name="notice_sent"),
    path("requests/print/", letter_views.requests_print, name="requests_print"),
    path("requests/<str:number>/letter/", letter_views.request_letter, name="request_letter"),
    path("requests/<str:number>/print/", letter_views.request_print, name="request_print"),
]
