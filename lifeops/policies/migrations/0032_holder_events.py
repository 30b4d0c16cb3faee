from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0031_change_of_policyholder'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='policyevent',
            index=models.Index(condition=models.Q(('kind', 'holder')), fields=['on'], name='policy_event_holder'),
        ),
    ]
