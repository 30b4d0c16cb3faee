from django.urls import path

from lifeops.administration import products, views

app_name = "org"
urlpatterns = [
    path("changes/", views.changes, name="changes"),
    path("changes/new/<str:op>/", views.new, name="new"),
    path("changes/<int:pk>/", views.change, name="change"),
    path("changes/<int:pk>/password/", views.change_password, name="change_password"),
    path("people/<str:staff_no>/", views.person, name="person"),
    path("products/", products.products, name="products"),
    path("absences/", views.absence_list, name="absences"),
    path("absences/<int:pk>/end/", views.absence_end, name="absence_end"),
]
