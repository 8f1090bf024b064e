using System.Globalization;
using System.Text;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Hosting;
using Orchestrator.Tests.Engine;

namespace Orchestrator.Tests.Delivery.Tasks;

/// <summary>The whole table of a task, asked cell by cell in memory.</summary>
[Trait("Requirement", "FLOW-1")]
public sealed class TaskLifecycleTableTests : IAsyncDisposable
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] States = ["Initial", .. TaskLifecycle.StateNames];

    private static readonly object[] Events =
    [
        new Opened(Entry(8)), new Advanced(Entry(9)), new Completed(At), new SentBack(Entry(9), "2 of 5 tests failed"), new GaveUp(At, "no retry is left"), new GatesWait(At.AddMinutes(1), "CI runs"),
        new HeldUp("no docker"), new WentOn(), new StageRetried(Entry(9)), new PauseAsked(At, "wait"), new ResumeAsked(), new TaskCancelAsked(At, "not needed"),
    ];

    private readonly WebApplication _client;
    private readonly TaskTransitions _transitions;

    public TaskLifecycleTableTests()
    {
        var builder = OrchestratorHost.CreateBuilder([], configuration =>
        {
            configuration.Sources.Clear();
            configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Orchestrator:Database:ConnectionString"] = "Host=127.0.0.1;Database=never-opened" });
        });
        builder.AddClient();
        _client = builder.Build();
        _transitions = _client.Services.GetRequiredService<TaskTransitions>();
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
    public async Task Every_cell_leaves_a_row_that_the_database_takes_and_what_is_refused_changes_nothing(string state, string name)
    {
        var (cell, task, before) = await AskAsync(state, Events.Single(e => e.GetType().Name == name));

        if (cell is "late" or "")
        {
            Assert.Equal(before, Snapshot(task));
            return;
        }

        // The constraints of the table, as migration 0010 says them.
        Assert.Equal(task.State is "Done" or "Failed" or "Cancelled", task.EndedAt is not null);
        Assert.Equal(task.State == "Waiting", task.LookAt is not null);
        Assert.True(task.State is not ("Held" or "Failed") || task.Reason is not null);
        Assert.True(task.State != "Working" || task.JobId is not null);
        Assert.True(task.PausedAt is null || task.EndedAt is null);
    }

    [Fact]
    public async Task Generated_page_of_the_lifecycle_is_what_the_machine_does()
    {
        var text = new StringBuilder();
        text.Append("""
            # The lifecycle of a task

            Generated from the machine (`Orchestrator.Service/Delivery/Tasks/TaskLifecycle.cs`) by asking it every cell; a test compares. Rows are states, columns are what can
            happen. A cell names the state that follows; *stays* changes the row and not the state; *late* is harmless and changes nothing; an empty cell is refused, and
            changes nothing either. Which stage follows on which is not here but in the pipeline's file.


            """.ReplaceLineEndings("\n"));
        text.Append(CultureInfo.InvariantCulture, $"| | {string.Join(" | ", Events.Select(e => e.GetType().Name))} |\n|{string.Concat(Enumerable.Repeat("---|", Events.Length + 1))}\n");
        foreach (var state in States)
        {
            var cells = new List<string>();
            foreach (var @event in Events)
                cells.Add((await AskAsync(state, @event)).Cell);
            text.Append(CultureInfo.InvariantCulture, $"| **{state}** | {string.Join(" | ", cells)} |\n");
        }

        GeneratedDocument.IsUpToDate("docs/task-lifecycle.md", text.ToString());
    }

    public async ValueTask DisposeAsync() => await _client.DisposeAsync();

    private async Task<(string Cell, DeliveryTask Task, string Before)> AskAsync(string state, object @event)
    {
        var task = new DeliveryTask
        {
            CorrelationId = Guid.NewGuid(), Repository = "team/app", Title = "A task", Branch = "task/1", State = state, Stage = "testing", Step = 7, StageSince = At.AddHours(-1), MaxRetries = 3, CreatedAt = At.AddDays(-1),
            JobId = state == "Initial" ? null : Guid.NewGuid(),
            LookAt = state == "Waiting" ? At : null,
            Reason = state is "Waiting" or "Held" or "Failed" or "Cancelled" ? "because" : null,
            EndedAt = state is "Done" or "Failed" or "Cancelled" ? At.AddMinutes(-5) : null,
        };
        var before = Snapshot(task);
        var moved = await _transitions.ApplyAsync(task, @event);
        var name = @event is TaskCancelAsked ? nameof(TaskLifecycle.CancelAsked) : @event.GetType().Name;
        var named = ((State<DeliveryTask>)_client.Services.GetRequiredService<TaskLifecycle>().GetState(state)).Events.Any(e => e.Name == name);
        return (moved ? task.State == state ? "stays" : task.State : named ? "late" : "", task, before);
    }

    private static Entry Entry(long step) => new("development", step, Guid.NewGuid(), At);

    private static string Snapshot(DeliveryTask task) => JsonSerializer.Serialize(task);
}
