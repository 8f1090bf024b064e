using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Persistence;

/// <summary>Waits for one value.</summary>
internal static class Soon
{
    public static Task IsAsync<T>(T expected, Func<Task<T>> read) => Eventually.IsAsync(read, value => Equals(value, expected), $"it is {expected}");
}
