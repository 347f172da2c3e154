"""No pages."""

from typing import List

urlpatterns: List[object] = []
