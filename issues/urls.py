"""Every address of the complaints app; who may open it stands in `civicmap.policy`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
