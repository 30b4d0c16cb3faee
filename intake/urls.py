from django.urls import path

from intake.views import capture, counter, settle, work

app_name = "intake"
urlpatterns = [
    path("counter/", counter.desk, name="counter"),
    path("counter/refresh/", counter.refresh, name="refresh"),
    path("counter/find/", counter.find, name="find"),
    path("accepted/<str:number>/", counter.accepted, name="accepted"),
    path("accepted/<str:number>/handout/", counter.handout, name="handout"),
    path("worklist/", work.worklist, name="worklist"),
    path("handover/", work.hand_over, name="hand_over"),
    path("settlement/", settle.settlement, name="settlement"),
    path("<str:number>/precheck/", work.precheck, name="precheck"),
    path("<str:number>/papers/", work.papers, name="papers"),
    path("<str:number>/entry/", capture.entry, name="entry"),
    path("<str:number>/handover/", work.handover, name="handover"),
]
