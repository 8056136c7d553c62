"""The addresses, the views, and what Gunicorn runs."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()

from django.shortcuts import render  # noqa: E402
from django.urls import path  # noqa: E402
from lettings.models import Letting  # noqa: E402
from profiles.models import Profile  # noqa: E402


def home(request):
    return render(request, "home.html")


def letting_list(request):
    return render(request, "letting_list.html", {"lettings": Letting.objects.all()})


def letting(request, id):
    letting = Letting.objects.get(id=id)
    return render(request, "letting.html", {"title": letting.title, "address": letting.address})


def profile_list(request):
    return render(request, "profile_list.html", {"profiles": Profile.objects.all()})


def profile(request, username):
    profile = Profile.objects.get(user__username=username)
    return render(request, "profile.html", {"profile": profile})


urlpatterns = [
    path("", home, name="home"),
    path("lettings/", letting_list, name="letting_list"),
    path("lettings/<int:id>/", letting, name="letting"),
    path("profiles/", profile_list, name="profile_list"),
    path("profiles/<str:username>/", profile, name="profile"),
]
