"""No pages: what is not static is not found."""

urlpatterns = []
