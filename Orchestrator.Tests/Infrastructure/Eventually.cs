namespace Orchestrator.Tests.Infrastructure;

/// <summary>Waits for a fact that nothing signals.</summary>
public static class Eventually
{
    /// <summary>Looks every 20 ms; after 60 seconds the test fails with the sentence that did not come true.</summary>
    public static async Task IsTrueAsync(Func<bool> fact, string sentence)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!fact())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60), $"Not within 60 seconds: {sentence}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }
}
