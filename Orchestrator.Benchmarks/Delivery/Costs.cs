using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Local;
using Orchestrator.Local.Storm;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Benchmarks.Delivery;

/// <summary>What one task costs on its way through the pipeline: commands to PostgreSQL, processes of git, requests to the forge.</summary>
internal static partial class Costs
{
    private const int Shown = 25;
    private const string Look = "SELECT t.* FROM orchestrator.task t WHERE t.id = $1"; // ours among them, which count for none
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    public static async Task MeasureAsync(LocalEnvironment environment, string folder, int tasks)
    {
        await using var yard = await DeliveryYard.SetAsync(folder, repositories: 1);
        var gits = Path.Combine(folder, "gits");
        var path = Environment.GetEnvironmentVariable("PATH")!;
        await WrapGitAsync(Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName, gits, path);
        Environment.SetEnvironmentVariable("PATH", Path.Combine(folder, "bin") + ":" + path);
        try
        {
            await using var node = await DeliveryNode.StartAsync(environment, BusTransport.AmazonSqs, yard.Settings);
            using var commands = new Commands();
            var changes = Enumerable.Range(0, int.MaxValue).Where(change => !DeliveryYard.IsSentBack(change) && !DeliveryYard.IsOvertaken(change)).Take(tasks + 1).ToList();
            await node.DeliverAsync(yard, changes[0]); // makes the mirror
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, CancellationToken.None);

            commands.Take();
            await Task.Delay(Idle, TimeProvider.System, CancellationToken.None);
            var idle = commands.Take().ToDictionary(entry => entry.Key, entry => entry.Value / Idle.TotalSeconds);

            var (looks, gitsBefore, requestsBefore, began) = (node.Looks, (await File.ReadAllLinesAsync(gits)).Length, yard.Forge.Journal.Count, Stopwatch.GetTimestamp());
            foreach (var change in changes.Skip(1))
                await node.DeliverAsync(yard, change);
            var took = Stopwatch.GetElapsedTime(began);
            var busy = commands.Take().Select(entry => (entry.Key, Value: Math.Max(0, entry.Value - (entry.Key.StartsWith(Look, StringComparison.Ordinal) ? node.Looks - looks + tasks : 0) - (idle.GetValueOrDefault(entry.Key) * took.TotalSeconds)))).ToList();
            Write("Commands to PostgreSQL for one task, without what an idle node sends", busy.Select(entry => (entry.Key, entry.Value)), tasks);
            Write("Commands to PostgreSQL of an idle node, per minute", idle.Select(entry => (entry.Key, entry.Value * 60)), 1, "");
            Write("Processes of git for one task, of the service and (agent) of its agents", (await File.ReadAllLinesAsync(gits)).Skip(gitsBefore).CountBy(line => line).Select(entry => (entry.Key, (double)entry.Value)), tasks);
            Write("Requests to the forge for one task", yard.Forge.Journal.Skip(requestsBefore).CountBy(request => $"{request.Method} {Numbers().Replace(request.Path.Split('?')[0], "N")}").Select(entry => (entry.Key, (double)entry.Value)), tasks);
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }

    private static void Write(string title, IEnumerable<(string What, double Count)> counts, int tasks, string head = "per task")
    {
        var sorted = counts.OrderByDescending(entry => entry.Count).ToList();
        Table.Write(title, ["", head], [["all", sorted.Sum(entry => entry.Count) / tasks], .. sorted.Take(Shown).Where(entry => entry.Count > 0).Select(entry => (IReadOnlyList<object>)[entry.What, entry.Count / tasks])]);
    }

    private static async Task WrapGitAsync(string folder, string log, string path)
    {
        var git = path.Split(':').Select(part => Path.Combine(part, "git")).First(File.Exists);
        var wrapper = Path.Combine(folder, "git");
        // The forge's own are none of the service's.
        await File.WriteAllTextAsync(wrapper,
            $"""
            #!/bin/sh
            [ "$1" = -C ] || echo "$1 $([ "$1" = rev-parse ] && echo "$2") $([ -n "$GIT_CONFIG_NOSYSTEM" ] || echo '(agent)')" >> '{log}'
            exec '{git}' "$@"

            """);
        File.SetUnixFileMode(wrapper, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(log, "");
    }

    [GeneratedRegex("[0-9a-f]{40}|(?<=/)[0-9]+")]
    private static partial Regex Numbers();

    /// <summary>Every command or batch that this process sends, by its first words.</summary>
    private sealed class Commands : IDisposable
    {
        private readonly ActivityListener _listener;
        private ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);

        public Commands()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Npgsql",
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = activity => _counts.AddOrUpdate(Text(activity), 1, static (_, count) => count + 1),
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public IReadOnlyDictionary<string, int> Take() => Interlocked.Exchange(ref _counts, new ConcurrentDictionary<string, int>(StringComparer.Ordinal));

        public void Dispose() => _listener.Dispose();

        private static string Text(Activity activity)
        {
            var text = (activity.GetTagItem("db.query.text") ?? activity.GetTagItem("db.statement")) as string ?? activity.DisplayName;
            var words = string.Join(' ', text.Split('\n').Where(line => !line.TrimStart().StartsWith("--", StringComparison.Ordinal)).SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
            return words[..Math.Min(words.Length, 110)];
        }
    }
}
