using System.Globalization;
using System.Text;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Nodes;
using Orchestrator.Persistence.Sagas;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Lifecycle;

namespace Orchestrator.Tests.Engine;

/// <summary>The whole table, asked cell by cell in memory: each state, each event.</summary>
public sealed class LifecycleTableTests : IAsyncDisposable
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] States = ["Initial", "Queued", "Running", "Finalizing", "Held", "Succeeded", "Failed", "Cancelled"];

    private static readonly object[] Events =
    [
        new Enqueued(Due: true), new Claimed(new NodeIdentity(Guid.NewGuid(), "host", "node", 4711, 12345), 8, At), new ClaimRefused(), new WorkEnded(At),
        new WorkDone(null, At), new WillRetry("again", At.AddMinutes(1)), new WorkFailed("broken", At), new WorkCancelled(At), new HandedBack("stopping"),
        new RunLost("died"), new Quarantined("died too often"), new CancelAsked("not needed", At), new RetryAsked(At),
        new Obstructed("gate: frozen", At), new Healed(), new Spawned(5000, 777), new Adopted(new NodeIdentity(Guid.NewGuid(), "host", "heir", 4712, 12346), 9),
        new BackedOff(FailureClass.Transient, "busy", At.AddMinutes(1)), new PutOnHold(HoldReason.Environment, FailureClass.Environment, "no such program"), new Released(At),
    ];

    private readonly WebApplication _client;
    private readonly Transitions _transitions;

    public LifecycleTableTests()
    {
        var builder = OrchestratorHost.CreateBuilder([], configuration =>
        {
            configuration.Sources.Clear();
            configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Orchestrator:Database:ConnectionString"] = "Host=127.0.0.1;Database=never-opened" });
        });
        builder.AddClient();
        _client = builder.Build();
        _transitions = _client.Services.GetRequiredService<Transitions>();
    }

    public static TheoryData<string, string> Cells
    {
        get
        {
            var cells = new TheoryData<string, string>();
            foreach (var state in States)
            {
                foreach (var @event in Events)
                    cells.Add(state, @event.GetType().Name);
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    [Trait("Requirement", "OWN-1")]
    [Trait("Requirement", "OWN-2")]
    [Trait("Requirement", "JOB-3")]
    public async Task Whatever_leads_into_Queued_leaves_no_owner_and_whatever_is_refused_changes_nothing(string state, string name)
    {
        var (cell, job, before) = await AskAsync(state, Events.Single(e => e.GetType().Name == name));

        if (job.State == "Queued" && cell is not ("late" or ""))
        {
            Assert.Equal((null, null, null, null, null, null), (job.RunId, job.OwnerNode, job.OwnerHost, job.OwnerPid, job.OwnerProcessStart, job.StartedAt));
            Assert.Equal((null, null, null), (job.DispatchedAt, job.DispatchedBy, job.CancelRequestedAt));
        }

        if (cell is "late" or "")
            Assert.Equal(before, Snapshot(job));
        Assert.Equal(job.State is "Succeeded" or "Failed" or "Cancelled", job.EndedAt is not null);
    }

    [Fact]
    [Trait("Requirement", "OWN-3")]
    public async Task A_claim_leaves_nothing_of_an_earlier_owner()
    {
        var job = JobIn("Running");
        job.State = "Queued"; // the incident: queued with the owner left behind, by hand or from before the constraint
        var claimed = (Claimed)Events[1];

        await _transitions.ApplyAsync(job, claimed, _transitions.Collect());

        Assert.Equal((claimed.RunId, claimed.Node.Id, claimed.Node.Host, claimed.Node.Pid, claimed.Node.ProcessStart, claimed.At),
            (job.RunId, job.OwnerNode, job.OwnerHost, job.OwnerPid, job.OwnerProcessStart, job.StartedAt));
    }

    [Fact]
    [Trait("Requirement", "JOB-3")]
    public void The_table_knows_every_state_and_event_of_the_machine()
    {
        var machine = _client.Services.GetRequiredService<JobLifecycle>();

        Assert.Equal(States.Order(), machine.States.Select(s => s.Name).Where(name => name != "Final").Order());
        Assert.Equal(Events.Select(e => e.GetType().Name).Order(), machine.Events.Select(e => e.Name).Where(name => !name.Contains('.')).Order());
    }

    [Fact]
    [Trait("Requirement", "JOB-3")]
    public async Task Generated_page_of_the_lifecycle_is_what_the_machine_does()
    {
        var page = new StringBuilder(
            """
            # The lifecycle of a job

            Generated from the machine (`Orchestrator.Service/Lifecycle/JobLifecycle.cs`) by asking it every cell; a test compares. Rows are states, in
            order of life; columns are what can happen. A cell names the state that follows; *stays* changes the row and not the state; *late* is harmless
            and changes nothing; an empty cell is refused, and changes nothing either.


            """);
        page.Append("| |").AppendJoin('|', Events.Select(e => $" {e.GetType().Name} ")).Append("|\n");
        page.Append("|---|").AppendJoin('|', Events.Select(_ => "---")).Append("|\n");
        var ways = new StringBuilder();
        foreach (var state in States)
        {
            page.Append(CultureInfo.InvariantCulture, $"| **{state}** |");
            foreach (var @event in Events)
            {
                var (cell, job, _) = await AskAsync(state, @event);
                page.Append(CultureInfo.InvariantCulture, $" {cell} |");
                if (job.State == "Queued" && state != "Queued")
                    ways.Append(CultureInfo.InvariantCulture, $"- {state}, {@event.GetType().Name}\n");
            }

            page.Append('\n');
        }

        page.Append("\n## Every way into Queued\n\nEach of them clears the owner (run, node, host, pid, process start, start time), the wake-up and a cancel that was asked for.\n\n").Append(ways);
        GeneratedDocument.IsUpToDate("docs/lifecycle.md", page.ToString());
    }

    public async ValueTask DisposeAsync() => await _client.DisposeAsync();

    private async Task<(string Cell, Job Job, string Before)> AskAsync(string state, object @event)
    {
        var job = JobIn(state);
        var before = Snapshot(job);
        var named = ((State<Job>)_client.Services.GetRequiredService<JobLifecycle>().GetState(state)).Events.Any(e => e.Name == @event.GetType().Name);

        await _transitions.ApplyAsync(job, @event, _transitions.Collect());

        var cell = !named ? "" : Snapshot(job) == before ? "late" : job.State == state ? "stays" : job.State;
        return (cell, job, before);
    }

    /// <summary>A job as it is found in a state, with everything set that the state allows.</summary>
    private static Job JobIn(string state)
    {
        var job = new Job { CorrelationId = Guid.NewGuid(), Lane = "work", State = state, SubmittedAt = At.AddHours(-1), AvailableAt = At.AddHours(-1), Due = true, Attempts = 1, MaxAttempts = 5, Losses = 1 };
        if (state == "Queued")
            (job.DispatchedAt, job.DispatchedBy) = (At, Guid.NewGuid());
        if (state is "Running" or "Finalizing")
        {
            (job.RunId, job.OwnerNode, job.OwnerHost, job.OwnerPid, job.OwnerProcessStart) = (7, Guid.NewGuid(), "earlier host", 99, 999);
            job.StartedAt = At.AddMinutes(-1);
        }

        if (state is "Succeeded" or "Failed" or "Cancelled")
            (job.EndedAt, job.Reason) = (At.AddMinutes(-1), "earlier");
        return job;
    }

    private static string Snapshot(Job job) => JsonSerializer.Serialize(job);
}
