namespace Orchestrator.Tests.Persistence;

/// <summary>Waits for a fact in the database.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Asks until the answer is the expected one; after the limit it fails with the last answer.</summary>
    public static async Task IsAsync<T>(T expected, Func<Task<T>> ask)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        var answer = await ask();
        while (!Equals(expected, answer) && !limit.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
            answer = await ask();
        }
        Assert.Equal(expected, answer);
    }
}
