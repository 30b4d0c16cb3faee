from django.urls import path

from lifeops.cases.views import case, find, lookup, queue, request, steps

app_name = "cases"
urlpatterns = [
    path("cases/", find.case_list, name="list"),
    path("cases/<str:number>/", case.detail, name="detail"),
    path("cases/<str:number>/tabs/<slug:tab>/", case.tab, name="tab"),
    path("cases/<str:number>/preview/", case.preview, name="preview"),
    path("cases/<str:number>/clocks/<int:pk>/", case.clock, name="clock"),
    path("cases/<str:number>/verify/", case.verify, name="verify"),
    path("cases/<str:number>/steps/<slug:name>/", steps.step, name="step"),
    path("queues/<slug:desk>/", queue.queue, name="queue"),
    path("queues/<slug:desk>/next/", queue.next_case, name="next"),
    path("requests/", request.request_list, name="requests"),
    path("requests/<str:number>/", request.request_detail, name="request"),
    path("requests/<str:number>/steps/<slug:name>/", request.request_step, name="request_step"),
    path("search/", find.search_page, name="search"),
    path("lookup/<slug:kind>/", lookup.find, name="lookup"),
    path("drafts/<str:key>/", find.draft, name="draft"),
]
