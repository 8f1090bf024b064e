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

    /// <summary>Reads until the value is as the fact says, and returns it; after 60 seconds, or as long as is said, the test fails with the last value, as JSON.</summary>
    public static async Task<T> IsAsync<T>(Func<Task<T>> read, Func<T, bool> fact, string sentence, int seconds = 60)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = await read();
            if (fact(value))
                return value;
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(seconds), $"Not within {seconds} seconds: {sentence}. Last seen: {System.Text.Json.JsonSerializer.Serialize(value)}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }
}
