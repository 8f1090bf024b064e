using System.Globalization;
using Orchestrator.Local.Nodes;
using Orchestrator.Local.Replay;

namespace Orchestrator.Local.Demo;

/// <summary>Follows tasks by the service's HTTP and tells each new line of their timelines as it comes.</summary>
internal sealed class DemoScreen(TextWriter output, ServiceProcess node, TimeProvider time)
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(150);

    private readonly long _began = time.GetTimestamp();
    private readonly DateTimeOffset _beganAt = time.GetUtcNow();
    private readonly List<Followed> _followed = [];

    /// <summary>As it was last seen.</summary>
    public TaskAnswer Task(Guid id) => Of(id).Task;

    /// <summary>As far as it was seen.</summary>
    public IReadOnlyList<EventAnswer> Timeline(Guid id) => Of(id).Timeline;

    public async Task FollowAsync(Guid id, string name, CancellationToken ct)
    {
        _followed.Add(new Followed(id, name, await node.GetAsync<TaskAnswer>($"/tasks/{id}", ct)));
        await LookAsync(ct);
    }

    /// <summary>A line about what people do.</summary>
    public Task SayAsync(string text) => output.WriteLineAsync($"\n{text}");

    /// <summary>What the service says of a task that does not move.</summary>
    public async Task WhyAsync(Guid id, CancellationToken ct)
    {
        if (Task(id).JobId is not { } job)
            return;
        foreach (var obstruction in (await node.GetAsync<WhyAnswer>($"/jobs/{job}/why", ct)).Obstructions)
            await output.WriteLineAsync($"{"why?",24}  {Of(id).Name}: {obstruction.Text}");
    }

    /// <summary>Looks until something is so.</summary>
    /// <exception cref="TimeoutException">It did not become so.</exception>
    public async Task UntilAsync(string what, Func<Task<bool>> isSo, TimeSpan patience, CancellationToken ct)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            await LookAsync(ct);
            if (await isSo())
                return;
            if (time.GetElapsedTime(began) > patience)
                throw new TimeoutException($"After {patience.TotalMinutes} minutes it is still not so that {what}. {string.Join(" ", _followed.Select(one => $"{one.Name} is {one.Task.State} at {one.Task.Stage}. {one.Task.Reason}"))}");
            await System.Threading.Tasks.Task.Delay(Beat, time, ct);
        }
    }

    /// <summary>All of it again, task by task, with the times.</summary>
    public void PrintTimelines()
    {
        foreach (var one in _followed)
        {
            output.WriteLine();
            output.WriteLine($"{one.Task.Title}: {one.Task.State}, sent back {one.Task.Retries} times");
            foreach (var line in one.Timeline)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {(line.At - _beganAt).TotalSeconds,6:F1} s  {line.Stage,-15} {Told(line)}"));
        }
    }

    private async Task LookAsync(CancellationToken ct)
    {
        foreach (var one in _followed)
        {
            // The task first: its timeline is then at least as new.
            one.Task = await node.GetAsync<TaskAnswer>($"/tasks/{one.Id}", ct);
            var timeline = await node.GetAsync<List<EventAnswer>>($"/tasks/{one.Id}/timeline", ct);
            foreach (var line in timeline.Skip(one.Timeline.Count))
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(_began).TotalSeconds,6:F1} s  {one.Name,-6} {line.Stage,-15} {Told(line)}"));
            one.Timeline = timeline;
        }
    }

    private static string Told(EventAnswer line) => line.What switch
    {
        "Opened" => "begins",
        "Advanced" => "passed",
        "Completed" => "passed, all is done",
        "SentBack" => $"sent back {Short(line.Detail)}",
        "GaveUp" => $"given up: {Short(line.Detail)}",
        "HeldUp" => $"held: {Short(line.Detail)}",
        "WentOn" => "goes on",
        "GatesWait" => $"waits: {Short(line.Detail)}",
        "StageRetried" => "begun anew by hand",
        "PauseAsked" => $"paused: {Short(line.Detail)}",
        "ResumeAsked" => "resumed",
        var other => $"{other} {Short(line.Detail)}",
    };

    private static string Short(string? detail)
    {
        var line = (detail ?? "").Split('\n')[0].TrimEnd();
        return line.Length <= 110 ? line : line[..109] + "…";
    }

    private Followed Of(Guid id) => _followed.Single(one => one.Id == id);

    private sealed class Followed(Guid id, string name, TaskAnswer task)
    {
        public Guid Id => id;

        public string Name => name;

        public TaskAnswer Task { get; set; } = task;

        public List<EventAnswer> Timeline { get; set; } = [];
    }
}
