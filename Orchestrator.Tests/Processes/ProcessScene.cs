using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Processes;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Engine;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Processes;

/// <summary>Nodes with a lane "agents" whose command runs a script, and a folder in which scripts leave their marks.</summary>
internal sealed class ProcessScene : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Folder => _folder.Path;

    public string Runs => Path.Combine(Folder, "runs");

    public (string Key, string Value)[] Settings =>
    [
        ("Lanes:agents:Commands:0", "script"), ("Lanes:agents:Permits", "3"), ("Lanes:agents:Backoff", "00:00:00.050"), ("Lanes:agents:TransientBackoff", "00:00:00.050"),
        ("Lanes:agents:Breaker:Enabled", "false"), ("Processes:Folder", Runs), ("Processes:ProbeInterval", "00:00:00.100"), ("Processes:StartGrace", "00:01:00"),
        ("Commands:script:Program", "/bin/bash"), ("Commands:script:Arguments:0", "-c"), ("Commands:script:Arguments:1", "{script}"), ("Commands:script:Parameters:script:MaxLength", "10000"),
        ("Commands:script:Folders:0", Folder), ("Commands:script:StopGrace", "00:00:01"),
    ];

    public Task<TestNode> StartAsync(TestNode? beside = null, params (string Key, string Value)[] settings) =>
        EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), beside, [.. Settings, .. settings]);

    public JobRequest Script(string script, int? maxAttempts = null) =>
        JobRequest.For("agents", new ProcessRequest("script", new Dictionary<string, string> { ["script"] = script }, Folder: Folder)) with { MaxAttempts = maxAttempts };

    /// <summary>A file that a script writes.</summary>
    public string Mark(string name) => Path.Combine(Folder, name);

    public Task<string> WrittenAsync(string name) =>
        Eventually.IsAsync(() => Task.FromResult(File.Exists(Mark(name)) ? File.ReadAllText(Mark(name)).Trim() : ""), text => text.Length > 0, $"{name} is written")!;

    public Task<Job> RunsAsync(TestNode node, Guid job) =>
        Eventually.IsAsync(() => node.Jobs.GetAsync(job), row => row is { State: "Running", ProcessRun: not null }, "the process runs")!;

    public RunFolder FolderOf(TestNode node, Job job) =>
        new(Directory.EnumerateDirectories(Runs).Single(), job.ProcessRun ?? job.LogRun!.Value);

    public void Dispose() => _folder.Dispose();
}
