"""The tables of the original site, as in the migrations that copy."""

from importlib import import_module

Migration = import_module("oc_lettings_site.migrations.0001_initial").Migration
