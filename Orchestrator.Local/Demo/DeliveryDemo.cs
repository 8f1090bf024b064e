using Orchestrator.Local.Nodes;
using Orchestrator.Local.Replay;
using Orchestrator.Local.StandIns;

namespace Orchestrator.Local.Demo;

/// <summary>
/// Two pieces of delivery work, from a signed webhook to a merged branch, on real parts: a service, a repository with a failing suite, agents as processes. On the way everything
/// happens that happens in real life: bad code, a pause for something urgent, a staging host that is broken, a conflict. Everything stays up until it is disposed of.
/// </summary>
/// <param name="output">Where it is told.</param>
internal sealed class DeliveryDemo(TextWriter output) : IAsyncDisposable
{
    private const string Feature = "Add VAT to prices";
    private const string Urgent = "Round prices to whole cents";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TimeProvider _time = TimeProvider.System;
    private LocalEnvironment? _environment;
    private GiteaStandIn? _forge;
    private PlaneStandIn? _tracker;
    private StandInServer? _shop;
    private ServiceProcess? _node;
    private Workshop? _workshop;
    private DemoScreen? _screen;

    private ServiceProcess Node => _node!;

    private Workshop Team => _workshop!;

    private PlaneStandIn Tracker => _tracker!;

    /// <summary>Tells the story once, and judges it.</summary>
    /// <exception cref="CannotStartException">A part could not be started.</exception>
    /// <exception cref="TimeoutException">Something that must happen did not.</exception>
    public async Task<IReadOnlyList<Condition>> RunAsync(CancellationToken ct)
    {
        await output.WriteLineAsync("Starting PostgreSQL, an emulator of SQS, and stand-ins of Gitea and Plane");
        await StartAsync(ct);
        await output.WriteLineAsync($"The service is process {Node.Id} at {Node.Url}; the repository is {Team.Bare}, and its suite {(await Team.SuitePassesAsync(ct) ? "passes" : "fails")}");
        _screen = new DemoScreen(output, Node, _time);

        await _screen.SayAsync("Somebody writes a work item, and the tracker reports it by a signed webhook");
        var (featureItem, feature) = await OpenAsync(Feature, "<p>Every price shall contain 19 % VAT.</p>", ct);
        await _screen.UntilAsync("the analysis is done", () => Task.FromResult(_screen.Task(feature).Stage != "analysis"), Patience, ct);

        await _screen.SayAsync("Something urgent comes in: the first task is paused, and keeps its place");
        await Node.PostAsync("/serial-gate/pause", new { task = feature, reason = "cents first" }, ct);
        var (urgentItem, urgent) = await OpenAsync(Urgent, "<p>Customers see prices with three decimals.</p>", ct);
        await _screen.UntilAsync("the urgent one works", () => Task.FromResult(_screen.Task(urgent).Stage is not ("analysis" or "architecture")), Patience, ct);
        await _screen.WhyAsync(feature, ct);
        await _screen.UntilAsync("the urgent one is done", () => Task.FromResult(_screen.Task(urgent).IsEnded), Patience, ct);

        await _screen.SayAsync("The urgent one is done: the first is resumed. Meanwhile somebody breaks the staging host");
        Team.BreakStaging();
        await Node.PostAsync("/serial-gate/resume", new { task = feature }, ct);
        await _screen.UntilAsync("the task is held", () => Task.FromResult(_screen.Task(feature) is { State: "Held" } or { IsEnded: true }), Patience, ct);
        var whileHeld = _screen.Task(feature);

        await _screen.SayAsync("A broken host is nobody's bad code: the task waits, and no retry is spent. The host is mended, and the hold released");
        Team.MendStaging();
        await Node.PostAsync($"/holds/{feature}/release", ct: ct);
        await _screen.UntilAsync("the task has ended", () => Task.FromResult(_screen.Task(feature).IsEnded), Patience, ct);
        await _screen.UntilAsync("the tracker has heard of it", () => Task.FromResult(Tracker.StateOf(featureItem) == "Done" && Tracker.StateOf(urgentItem) == "Done"), Patience, ct);
        await _screen.UntilAsync("all is said", () => DemoConditions.IsQuietAsync(Node, ct), Patience, ct);
        return await DemoConditions.JudgeAsync(new DemoEnd(_screen.Task(feature), whileHeld, _screen.Timeline(feature), _screen.Task(urgent), _screen.Timeline(urgent), Tracker.CommentsOf(featureItem)), Team, Node, _forge!, ct);
    }

    /// <summary>Prints both timelines, from the first line to the last.</summary>
    public void PrintTimelines() => _screen!.PrintTimelines();

    /// <summary>Says where to look further.</summary>
    public void PrintAddresses()
    {
        output.WriteLine();
        output.WriteLine($"Tasks        {Node.Url}tasks   {Node.Url}serial-gate   {Node.Url}queue");
        output.WriteLine($"Repository   {Team.Bare}");
        output.WriteLine();
        output.WriteLine("Ctrl-C ends all of it.");
    }

    /// <summary>The last lines that the service wrote.</summary>
    public string LogTail() => _node?.LogTail() ?? "";

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var part in new IAsyncDisposable?[] { _forge, _tracker, _node, _shop, _environment })
        {
            if (part is not null)
                await part.DisposeAsync();
        }
    }

    private async Task StartAsync(CancellationToken ct)
    {
        _environment = await LocalEnvironment.StartAsync(ct: ct);
        _forge = await GiteaStandIn.StartAsync(_time, ct);
        _tracker = await PlaneStandIn.StartAsync(_time, ct);
        _shop = await StandInServer.StartAsync(async _ => (await Team.OnMainAsync("price.mjs", ct)).Contains("export function price", StringComparison.Ordinal) ? StandInAnswer.Empty(200) : StandInAnswer.Empty(500), _time, ct);
        _node = await ServiceProcess.StartAsync(
            async folder =>
            {
                _workshop = await Workshop.MakeAsync(folder, ct);
                return DemoSettings.Of(Team, _forge, _tracker, _shop.Url, _environment.ConnectionString, _environment.ServiceUrl);
            },
            ct);
        _forge.Serve(Workshop.Repository, Team.Bare);
        _forge.HookTo(new Uri(Node.Url, "webhooks/gitea"), DemoSettings.HookSecret);
        _tracker.HookTo(new Uri(Node.Url, "webhooks/plane"), DemoSettings.HookSecret);
    }

    /// <summary>A work item that becomes a task.</summary>
    private async Task<(Guid Item, Guid Task)> OpenAsync(string title, string html, CancellationToken ct)
    {
        var item = Tracker.Create(title, html, Guid.NewGuid());
        Guid? task = null;
        await _screen!.UntilAsync($"there is a task '{title}'", async () =>
        {
            task = (await Node.GetAsync<TasksAnswer>("/tasks", ct)).Tasks.FirstOrDefault(one => one.Title == title)?.Id;
            return task is not null;
        }, Patience, ct);
        await _screen.FollowAsync(task!.Value, title == Feature ? "VAT" : "cents", ct);
        return (item, task.Value);
    }
}
