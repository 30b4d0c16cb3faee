from django.urls import path

from archive.views import filing, loans, payments, release

app_name = "archive"
urlpatterns = [
    path("release/", release.release, name="release"),
    path("release/<str:number>/", release.release_case, name="release_case"),
    path("release/<str:number>/paper/", release.paper, name="paper"),
    path("release/<str:number>/hand-over/", release.hand_over, name="hand_over"),
    path("release/<str:number>/leg/", release.leg, name="leg"),
    path("release/<str:number>/receipt/", release.receipt, name="receipt"),
    path("release/<str:number>/give-back/", release.give_back, name="give_back"),
    path("payments/", payments.payments, name="payments"),
    path("payments/<str:number>/<slug:act>/", payments.payment_act, name="payment_act"),
    path("filing/", filing.filing, name="filing"),
    path("filing/<str:number>/", filing.filing_case, name="filing_case"),
    path("volumes/<str:number>/", loans.volume, name="volume"),
    path("volumes/<str:number>/label/", filing.label, name="label"),
    path("volumes/<str:number>/cover/", filing.cover, name="cover"),
    path("loans/", loans.loans, name="loans"),
    path("loans/<int:pk>/slip/", loans.slip, name="slip"),
    path("loans/<int:pk>/<slug:act>/", loans.loan_act, name="loan_act"),
]
