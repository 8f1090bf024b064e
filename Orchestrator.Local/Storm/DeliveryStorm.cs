using System.Globalization;
using System.Net.Http.Json;
using Npgsql;
using Orchestrator.Contracts;

namespace Orchestrator.Local.Storm;

/// <summary>What a storm came to.</summary>
/// <param name="Took">From the first task that was opened to the last that was done.</param>
/// <param name="Kills">Of nodes.</param>
/// <param name="Gits">Processes of git that were killed along.</param>
/// <param name="Wrong">What is not as it must be, one sentence each.</param>
internal sealed record StormReport(TimeSpan Took, int Kills, int Gits, IReadOnlyList<string> Wrong);

/// <summary>
/// The delivery pipeline on two nodes that are killed again and again while tasks go through it. A seed gives the schedule of the kills; what they hit depends on the moment. Afterwards
/// everything is counted: in the repositories, at the forge, in the database.
/// </summary>
internal sealed class DeliveryStorm : IAsyncDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    private readonly DeliveryYard _yard;
    private readonly string _folder;
    private readonly Dictionary<string, string> _settings;
    private readonly NpgsqlDataSource _database;
    private readonly Action<string> _say;
    private readonly StormNode?[] _nodes = new StormNode?[2];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private int _starts;

    private DeliveryStorm(DeliveryYard yard, string folder, Dictionary<string, string> settings, NpgsqlDataSource database, Action<string> say) =>
        (_yard, _folder, _settings, _database, _say) = (yard, folder, settings, database, say);

    /// <param name="yard">What is worked on.</param>
    /// <param name="folder">For the nodes' logs; the caller's to remove.</param>
    /// <param name="environment">Database and queues.</param>
    /// <param name="name">Of the database, and the beginning of the queues' names; at most 19 characters.</param>
    /// <param name="say">Hears what happens.</param>
    /// <param name="settings">Below <c>Orchestrator:</c>, instead of the storm's own.</param>
    public static async Task<DeliveryStorm> SetAsync(
        DeliveryYard yard, string folder, LocalEnvironment environment, string name, Action<string> say, IReadOnlyDictionary<string, string>? settings = null)
    {
        var connectionString = await environment.CreateDatabaseAsync(name);
        var all = new Dictionary<string, string>(yard.Settings)
        {
            ["Database:ConnectionString"] = connectionString,
            ["Database:MaxConnections"] = "20",
            ["Bus:ServiceUrl"] = environment.ServiceUrl.ToString(),
            ["Bus:Prefix"] = name + "-",
            ["Bus:LongPollSeconds"] = "2",
            ["Node:Heartbeat"] = "00:00:00.500",
            ["Node:Lease"] = Lease.ToString("c", CultureInfo.InvariantCulture),
            ["Sweeps:NodeInterval"] = "00:00:00.500",
            ["Sweeps:WakeUpInterval"] = "00:00:02",
            ["Sweeps:WakeUpLostAfter"] = "00:00:10",
            ["Dispatch:PollInterval"] = "00:00:00.500",
            ["Processes:ProbeInterval"] = "00:00:00.100",
            ["Work:Permits"] = "6",
            ["Delivery:SweepInterval"] = "00:00:02",
            ["Delivery:Merging:Lease"] = "00:00:10",
            ["Delivery:Merging:SweepInterval"] = "00:00:01",
            ["Delivery:Merging:PollInterval"] = "00:00:01",
            ["Delivery:Merging:RetryWait"] = "00:00:01",
        };
        foreach (var lane in (string[])["agents", "delivery", "reports"])
        {
            all[$"Lanes:{lane}:Permits"] = "4";
            all[$"Lanes:{lane}:Visibility"] = "00:00:05";
            // So many kills in so short a time are nobody's budget.
            all[$"Lanes:{lane}:MaxLosses"] = "100";
            all[$"Lanes:{lane}:MaxReceiveCount"] = "1000";
            all[$"Lanes:{lane}:TransientBackoff"] = all[$"Lanes:{lane}:Backoff"] = "00:00:00.200";
        }

        foreach (var (key, value) in settings ?? new Dictionary<string, string>())
            all[key] = value;
        var storm = new DeliveryStorm(yard, folder, all, NpgsqlDataSource.Create(connectionString), say);
        for (var i = 0; i < storm._nodes.Length; i++)
            await storm.StartAsync(i);
        return storm;
    }

    /// <summary>Opens so many tasks and waits until they are done; meanwhile nodes are killed, if there is a seed.</summary>
    public async Task<StormReport> RunAsync(int tasks, int? seed, TimeSpan limit)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var over = new CancellationTokenSource(limit, TimeProvider.System);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
        var raging = seed is { } given ? RageAsync(new Random(given), done.Token) : Task.FromResult((0, 0));
        var opening = Parallel.ForEachAsync(Enumerable.Range(0, tasks), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = over.Token }, OpenAsync);
        var (said, delivered, finished) = (-1L, 0L, false);
        while (!over.IsCancellationRequested && !finished)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
            delivered = await ScalarAsync("SELECT count(*) FROM orchestrator.task WHERE state = 'Done'");
            finished = delivered == tasks || await ScalarAsync("SELECT count(*) FROM orchestrator.task WHERE state IN ('Held', 'Failed', 'Cancelled')") > 0;
            if (delivered / 20 > said)
                _say(string.Create(CultureInfo.InvariantCulture, $"{delivered} done"));
            said = Math.Max(said, delivered / 20);
        }

        var took = TimeProvider.System.GetElapsedTime(began);
        await done.CancelAsync();
        var (kills, gits) = await raging;
        // What the last transitions say outside is on its way still, and the lease of a merge whose node was killed is freed by a sweep.
        while (delivered == tasks && !over.IsCancellationRequested
            && await ScalarAsync("SELECT (SELECT count(*) FROM orchestrator.job WHERE ended_at IS NULL) + (SELECT count(*) FROM orchestrator.merge_lease WHERE task IS NOT NULL)") > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        await over.CancelAsync();
        await opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return new StormReport(took, kills, gits, [.. await WrongInDatabaseAsync(tasks), .. await _yard.WrongAsync(tasks)]);
    }

    /// <summary>What the present nodes and those before them have written.</summary>
    public string Logs(string line) => string.Join('\n', Directory.EnumerateFiles(_folder, "*.log", SearchOption.AllDirectories).Order().SelectMany(File.ReadLines).Where(said => said.Contains(line, StringComparison.Ordinal)));

    public async Task<long> ScalarAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public async Task<List<string>> LinesAsync(string sql)
    {
        var lines = new List<string>();
        await using var command = _database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await (node?.KillAsync(withGit: true) ?? Task.FromResult(0));
        _http.Dispose();
        await _database.DisposeAsync();
    }

    private async Task<(int Kills, int Gits)> RageAsync(Random schedule, CancellationToken done)
    {
        var (kills, gits) = (0, 0);
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(schedule.Next(1000, 6000)), TimeProvider.System, done).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var (what, one, wait) = (schedule.Next(100), schedule.Next(_nodes.Length), schedule.Next(2) == 0);
            if (done.IsCancellationRequested)
                return (kills, gits);
            int[] which = what < 85 ? [one] : [0, 1];
            var died = 0;
            foreach (var i in which)
                died += await _nodes[i]!.KillAsync(withGit: what % 2 == 0);
            _say(string.Create(CultureInfo.InvariantCulture, $"killed node {string.Join(" and ", which)}{(died > 0 ? $" and {died} git" : "")}"));
            (kills, gits) = (kills + which.Length, gits + died);
            if (wait)
                await Task.Delay(Lease, TimeProvider.System, CancellationToken.None);
            await Task.WhenAll(which.Select(StartAsync));
        }
    }

    private async Task StartAsync(int i) =>
        _nodes[i] = await StormNode.StartAsync(Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"node{i}-{Interlocked.Increment(ref _starts):000}")), _settings);

    // By its key: whoever answered or did not, it is one task.
    private async ValueTask OpenAsync(int change, CancellationToken over)
    {
        for (var attempt = change; ; attempt++)
        {
            try
            {
                using var answer = await _http.PostAsJsonAsync(
                    new Uri(_nodes[attempt % _nodes.Length]!.Url, "/tasks"),
                    new OpenTask { Repository = _yard.RepositoryOfChange(change), Title = DeliveryYard.TitleOf(change), ExternalKey = DeliveryYard.KeyOf(change) }, over);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !over.IsCancellationRequested)
            {
                // That node is dead.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, over);
        }
    }

    private async Task<IReadOnlyList<string>> WrongInDatabaseAsync(int tasks) =>
    [
        .. await LinesAsync("SELECT concat_ws(' ', repository, title, state, stage, 'since', stage_since, reason) FROM orchestrator.task WHERE state <> 'Done' ORDER BY seq LIMIT 10"),
        .. await LinesAsync($"SELECT 'there are ' || count(*) || ' tasks' FROM orchestrator.task HAVING count(*) <> {tasks.ToString(CultureInfo.InvariantCulture)}"),
        .. await LinesAsync("SELECT title || ' went back ' || retries || ' times' FROM orchestrator.task WHERE retries > CASE WHEN substr(title, 8)::int % 7 = 3 THEN 1 ELSE 0 END"),
        .. await LinesAsync("SELECT 'twice from one step: ' || task || ' ' || step FROM orchestrator.task_event WHERE what <> 'Opened' GROUP BY task, step HAVING count(*) > 1"),
        .. await LinesAsync(
            """
            WITH line AS (
                SELECT e.task, e.seq, e.step, e.stage, e.what, split_part(replace(coalesce(e.detail, ''), ':', ''), ' ', 2) AS toward,
                       lead(e.stage) OVER w AS then_stage, lead(e.step) OVER w AS then_step, lag(e.seq) OVER w AS before
                FROM orchestrator.task_event e WINDOW w AS (PARTITION BY e.task ORDER BY e.seq)),
            path (stage, what, toward) AS (VALUES
                ('analysis', 'Opened', 'analysis'), ('analysis', 'Advanced', 'architecture'), ('architecture', 'Advanced', 'development'), ('development', 'Advanced', 'review'),
                ('review', 'Advanced', 'testing'), ('review', 'SentBack', 'development'), ('testing', 'Advanced', 'deploy-staging'), ('deploy-staging', 'Advanced', 'deploy'),
                ('deploy', 'Advanced', 'testing'), ('deploy', 'Advanced', 'post-deploy'), ('post-deploy', 'Completed', NULL))
            SELECT concat_ws(' ', 'no path of the pipeline:', l.task, l.seq, l.stage, l.what, 'to', l.toward, 'then', l.then_stage) FROM line l
            WHERE NOT EXISTS (SELECT FROM path p WHERE p.stage = l.stage AND p.what = l.what AND (p.toward IS NULL OR p.toward = coalesce(l.then_stage, p.toward)) AND (p.toward IS NULL OR l.what = 'Opened' OR p.toward = l.toward))
               OR (l.before IS NULL) <> (l.what = 'Opened') OR (l.then_stage IS NULL) <> (l.what = 'Completed') OR l.then_step < l.step
            LIMIT 10
            """),
        .. await LinesAsync("SELECT concat_ws(' ', 'a job is left:', lane, id, state, reason) FROM orchestrator.job WHERE ended_at IS NULL LIMIT 10"),
        .. await LinesAsync("SELECT 'a merge lease is held: ' || repository FROM orchestrator.merge_lease WHERE task IS NOT NULL"),
    ];
}
