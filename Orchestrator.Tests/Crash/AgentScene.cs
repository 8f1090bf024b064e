using System.Globalization;
using Orchestrator.Local;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Processes;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Crash;

/// <summary>A crash scene with a lane "agents" of external processes, which write down that they were started and wait for the test's word.</summary>
internal sealed class AgentScene : IAsyncDisposable
{
    public const string Lane = "agents";

    private readonly TemporaryFolder _folder;

    private AgentScene(TemporaryFolder folder, CrashScene nodes) => (_folder, Nodes) = (folder, nodes);

    public CrashScene Nodes { get; }

    /// <summary>The runs' folders are in it.</summary>
    private string Runs => Path.Combine(_folder.Path, "runs");

    /// <param name="settings">Settings that differ, null for the service's own default.</param>
    /// <param name="environment">Where all of it is, if not where all tests are.</param>
    /// <param name="databasePort">Where the nodes find the database, if not where it is.</param>
    public static async Task<AgentScene> SetAsync(IReadOnlyDictionary<string, string?>? settings = null, LocalEnvironment? environment = null, int? databasePort = null)
    {
        var folder = new TemporaryFolder();
        var all = new Dictionary<string, string?>
        {
            ["Processes:Folder"] = Path.Combine(folder.Path, "runs"),
            [$"Lanes:{Lane}:Commands:0"] = "agent",
            [$"Lanes:{Lane}:Permits"] = "10",
            ["Commands:agent:Program"] = "/bin/bash",
            ["Commands:agent:Arguments:0"] = "-c",
            ["Commands:agent:Arguments:1"] = "{script}",
            ["Commands:agent:Parameters:script:MaxLength"] = "10000",
            ["Commands:agent:Folders:0"] = folder.Path,
        };
        foreach (var (key, value) in settings ?? new Dictionary<string, string?>())
            all[key] = value;
        return new AgentScene(folder, await CrashScene.SetAsync(settings: all, environment: environment, databasePort: databasePort));
    }

    /// <summary>What the test and its agents tell each other.</summary>
    public string Mark(string name) => Path.Combine(_folder.Path, name);

    /// <summary>A job whose agent notes its start, waits until it is told to go, and ends with a code.</summary>
    public JobRequest Agent(int exitCode = 0) =>
        Script($"echo $$ >> {Mark("started")}; until [ -e {Mark("go")} ]; do sleep 0.05; done; echo $$ >> {Mark("ended")}; exit {exitCode.ToString(CultureInfo.InvariantCulture)}");

    public JobRequest Script(string script) =>
        JobRequest.For(Lane, new ProcessRequest("agent", new Dictionary<string, string> { ["script"] = script }, Folder: _folder.Path));

    public async Task<Guid> SubmitAsync(JobRequest? request = null) => (await Nodes.SubmitAsync([request ?? Agent()]))[0];

    public Task LetGoAsync() => File.WriteAllTextAsync(Mark("go"), "");

    public int Started => Lines("started").Length;

    public string[] Lines(string mark) => File.Exists(Mark(mark)) ? File.ReadAllLines(Mark(mark)) : [];

    /// <summary>The agent runs and is stamped on its job.</summary>
    public async Task<Job> RunsAsync(Guid job)
    {
        await Eventually.IsTrueAsync(() => Started > 0, "the agent is started");
        return await Eventually.IsAsync(() => Nodes.JobAsync(job), row => row is { State: "Running", ProcessRun: not null }, "the process is stamped on its job");
    }

    /// <summary>The same process, under a new token.</summary>
    public Task<Job> AdoptedAsync(Job before) => Eventually.IsAsync(() => Nodes.JobAsync(before.Id), row => row.RunId > before.RunId, "the run is taken over");

    /// <summary>Its exit code is the result, and nobody's death was charged to it.</summary>
    public async Task<Job> EndedWellAsync(Guid job)
    {
        var ended = await Eventually.IsAsync(() => Nodes.JobAsync(job), row => row.EndedAt is not null, "the job has ended");
        Assert.Equal(("Succeeded", """{"exitCode": 0}""", 0, 0, 0), (ended.State, ended.Result, ended.Attempts, ended.TransientAttempts, ended.Losses));
        return ended;
    }

    /// <summary>Everything that is left of the runs, which outlive their nodes on purpose.</summary>
    public IEnumerable<RunFolder> Folders => Directory.Exists(Runs)
        ? Directory.EnumerateDirectories(Runs).SelectMany(root => Directory.EnumerateDirectories(root).Select(run => new RunFolder(root, long.Parse(Path.GetFileName(run), CultureInfo.InvariantCulture))))
        : [];

    public async ValueTask DisposeAsync()
    {
        await Nodes.DisposeAsync();
        foreach (var folder in Folders.ToList())
            await new ProcessTree(folder, TimeProvider.System).StopAsync(TimeSpan.Zero);
        _folder.Dispose();
    }
}
