"""The self-test behind `manage.py doctor`: what an installation needs, each with what to do about it.

An app adds its own checks in a module or package named `doctor`; they come in the order of INSTALLED_APPS.
"""

# In the order in which they are shown.
from mlpp_gov.doctor import configuration, database, people, work  # noqa: F401
