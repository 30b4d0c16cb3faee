from django.db import migrations


class Migration(migrations.Migration):
    """The sequence policy numbers are drawn from."""

    dependencies = [("policies", "0001_initial")]
    operations = [migrations.RunSQL("CREATE SEQUENCE policies_number", "DROP SEQUENCE policies_number")]
