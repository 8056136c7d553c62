"""Lettings, their addresses, and profiles: the original site's models."""

from django.conf import settings
from django.db import models


class Address(models.Model):
    id = models.AutoField(primary_key=True)
    number = models.PositiveIntegerField()
    street = models.CharField(max_length=64)
    city = models.CharField(max_length=64)
    state = models.CharField(max_length=2)
    zip_code = models.PositiveIntegerField()
    country_iso_code = models.CharField(max_length=3)


class Profile(models.Model):
    id = models.AutoField(primary_key=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    favorite_city = models.CharField(max_length=64, blank=True)


class Letting(models.Model):
    id = models.AutoField(primary_key=True)
    title = models.CharField(max_length=256)
    address = models.OneToOneField(Address, on_delete=models.CASCADE)
