from django.urls import path

from lifeops.cases.views import policy

app_name = "policies"
urlpatterns = [path("<str:number>/", policy.detail, name="detail")]
