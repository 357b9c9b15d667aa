"""The product's addresses, and a view that does nothing: what any answer costs on this server."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from civicmap.urls import urlpatterns as product


def bare(request: HttpRequest, size: int) -> HttpResponse:
    """Send so many bytes."""
    del request
    return HttpResponse(b" " * size, content_type="application/json")


urlpatterns = [path("bare/<int:size>", bare, name="bare"), *product]
