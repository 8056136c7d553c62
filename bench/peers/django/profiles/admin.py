"""Profiles in the admin, with Django's defaults."""

from django.contrib import admin

from profiles.models import Profile

admin.site.register(Profile)
