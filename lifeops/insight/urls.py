from django.urls import path

from lifeops.insight import views

app_name = "insight"
urlpatterns = [
    path("", views.board, name="board"),
    path("people/<str:username>/", views.person, name="person"),
]
