from django.urls import path

from lifeops.cases.views import policy, quote

app_name = "policies"
urlpatterns = [
    path("quote/", quote.quote, name="quote"),
    path("<str:number>/", policy.detail, name="detail"),
]
