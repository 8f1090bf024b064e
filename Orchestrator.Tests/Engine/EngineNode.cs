using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

/// <summary>What the engine's tests do to nodes again and again.</summary>
internal static class EngineNode
{
    /// <summary>A node with one lane, "work".</summary>
    public static Task<TestNode> StartAsync(
        Func<JobRun, CancellationToken, Task<JobOutcome>> work, TestNode? beside = null, params (string Key, string Value)[] settings) =>
        StartAsync(work, beside, null, settings);

    /// <summary>A node with one lane, "work", and services of the test's.</summary>
    public static Task<TestNode> StartAsync(
        Func<JobRun, CancellationToken, Task<JobOutcome>> work, TestNode? beside, Action<IServiceCollection>? replace, params (string Key, string Value)[] settings) =>
        TestNode.StartAsync(
            new Dictionary<string, Func<JobRun, CancellationToken, Task<JobOutcome>>> { ["work"] = work },
            settings.GroupBy(s => s.Key).ToDictionary(s => s.Key, s => (string?)s.Last().Value), beside?.ConnectionString, replace);

    /// <summary>Settings of a node on Amazon SQS with queues of its own.</summary>
    public static (string Key, string Value)[] OnSqs(string prefix) =>
        [("Bus:Transport", "AmazonSqs"), ("Bus:Prefix", prefix), ("Bus:LongPollSeconds", "1")];

    public static async Task<Guid> SubmitAsync(this TestNode node, JobRequest? request = null) =>
        (await node.Jobs.SubmitAsync(request ?? new JobRequest("work"))).JobId;

    public static async Task<Job> BecomesAsync(this TestNode node, Guid id, string state) =>
        (await Eventually.IsAsync(() => node.Jobs.GetAsync(id), job => job?.State == state, $"the job is {state}"))!;

    public static async Task<int> ExecuteAsync(this TestNode node, string sql, params object[] parameters)
    {
        await using var command = node.Database.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return await command.ExecuteNonQueryAsync();
    }
}

/// <summary>Work that waits until the test lets it go, and counts how much of it there is at once.</summary>
internal sealed class HeldWork
{
    private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _now;
    private int _most;

    public ConcurrentQueue<JobRun> Begun { get; } = new();

    public int Now => Volatile.Read(ref _now);

    public int Most => Volatile.Read(ref _most);

    public async Task<JobOutcome> RunAsync(JobRun run, CancellationToken cancellation)
    {
        Begun.Enqueue(run);
        var now = Interlocked.Increment(ref _now);
        for (var most = Most; now > most && Interlocked.CompareExchange(ref _most, now, most) != most; most = Most)
        {
        }

        try
        {
            await _letGo.Task.WaitAsync(cancellation);
            return JobOutcome.Done();
        }
        finally
        {
            Interlocked.Decrement(ref _now);
        }
    }

    public void LetGo() => _letGo.TrySetResult();
}
