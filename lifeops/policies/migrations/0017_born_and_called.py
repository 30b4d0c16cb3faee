import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0016_letters_of_policies'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='party',
            index=models.Index(models.F('birth_date'), django.db.models.functions.comparison.Collate('name', 'C'), condition=models.Q(('birth_date__isnull', False)), name='party_born_called'),
        ),
    ]
