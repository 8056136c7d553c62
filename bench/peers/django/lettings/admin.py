"""Addresses and lettings in the admin, with Django's defaults."""

from django.contrib import admin

from lettings.models import Address, Letting

admin.site.register(Address)
admin.site.register(Letting)
