from django.urls import path

from lifeops.cases.views import customer, dividend, hold, policy, quote, recover, values, watch

app_name = "policies"
urlpatterns = [
    path("policies/quote/", quote.quote, name="quote"),
    path("policies/<str:number>/", policy.detail, name="detail"),
    path("policies/<str:number>/values/", values.values, name="values"),
    path("policies/<str:number>/hold/", hold.place, name="hold"),
    path("policies/<str:number>/hold/<int:pk>/lift/", hold.lift, name="lift"),
    path("policies/<str:number>/recover/", recover.recover, name="recover"),
    path("policies/<str:number>/recover/<int:pk>/<slug:act>/", recover.recover_act, name="recover_act"),
    path("customers/<int:pk>/", customer.customer, name="customer"),
    path("customers/<int:pk>/reveal/<slug:what>/", customer.customer_reveal, name="customer_reveal"),
    path("customers/<int:pk>/add/<slug:kind>/", customer.customer_add, name="customer_add"),
    path("customers/<int:pk>/end/<slug:kind>/<int:row>/", customer.customer_end, name="customer_end"),
    path("customers/<int:pk>/duplicates/", customer.customer_duplicates, name="customer_duplicates"),
    path("dividends/", dividend.dividends, name="dividends"),
    path("dividends/<int:pk>/<slug:act>/", dividend.dividend_act, name="dividend_act"),
    path("watch/lists/", watch.watch_lists, name="watch_lists"),
    path("watch/lists/<int:pk>/", watch.watch_list, name="watch_list"),
    path("watch/lists/<int:pk>/<slug:act>/", watch.watch_list_act, name="watch_list_act"),
    path("watch/hits/", watch.watch_hits, name="watch_hits"),
    path("watch/hits/<int:pk>/", watch.watch_hit, name="watch_hit"),
    path("duplicates/", customer.duplicate_list, name="duplicates"),
    path("duplicates/<int:pk>/<slug:act>/", customer.duplicate_act, name="duplicate_act"),
]
