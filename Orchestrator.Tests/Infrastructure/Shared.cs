using System.Security.Cryptography;
using Orchestrator.Local;

namespace Orchestrator.Tests.Infrastructure;

/// <summary>What all tests of a process share: one environment, and names that keep them apart in it.</summary>
public static class Shared
{
    private static readonly Lazy<Task<LocalEnvironment>> Started = new(StartAsync);

    /// <summary>PostgreSQL and the emulator, started on first use; they end with the test process. Tests that stop a child start their own.</summary>
    public static Task<LocalEnvironment> Environment => Started.Value;

    /// <summary>A name that no other test has; fit for queues, topics, buckets and databases.</summary>
    public static string Unique(string prefix) => $"{prefix}-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    private static async Task<LocalEnvironment> StartAsync()
    {
        var environment = await LocalEnvironment.StartAsync(new LocalEnvironmentOptions { Durable = false });
        AppDomain.CurrentDomain.ProcessExit += (_, _) => environment.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return environment;
    }
}
