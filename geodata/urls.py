"""Addresses of places, below `/peta/`."""

from django.urls import path

from geodata import views

urlpatterns = [
    path("wilayah", views.areas, name="areas"),
    path("jalan", views.main_streets, name="streets"),
    path("cari", views.search, name="search"),
    path("tempat", views.place, name="place"),
    path("dasar/<int:z>/<int:x>/<int:y>", views.basemap, name="basemap"),
]
