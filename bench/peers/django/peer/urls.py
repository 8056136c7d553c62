"""The admin alone: the public pages are not what this project is asked about."""

from django.contrib import admin
from django.urls import path

urlpatterns = [path("admin/", admin.site.urls)]
