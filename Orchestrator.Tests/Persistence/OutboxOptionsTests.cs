using Microsoft.Extensions.Options;
using Orchestrator.Persistence.Outbox;

namespace Orchestrator.Tests.Persistence;

public sealed class OutboxOptionsTests
{
    [Fact]
    public void The_defaults_are_valid()
    {
        Assert.True(new OutboxOptionsValidation().Validate(null, new OutboxOptions()).Succeeded);
    }

    [Fact]
    public async Task A_service_with_wrong_settings_does_not_start_and_names_them_all()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => ChoreHost.StartAsync("Host=nowhere", outbox: options =>
        {
            options.ConcurrentSends = 0;
            options.SweepInterval = TimeSpan.FromHours(1);
        }));

        Assert.Equal(
            ["Outbox SweepInterval is 01:00:00; give it a value from 00:00:00.1000000 to 00:01:00.", "Outbox ConcurrentSends is 0; give it a value from 1 to 1000."],
            error.Failures);
    }
}
