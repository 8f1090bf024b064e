using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.AmazonSqs;
using Orchestrator.Local.StandIns;
using Orchestrator.Service.Alerts;
using Orchestrator.Service.Delivery.Webhooks;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Remote;
using Orchestrator.Service.Run;
using Orchestrator.Service.Sweeps;
using Orchestrator.Tests.AmazonSqs;
using Orchestrator.Tests.Engine;
using Orchestrator.Tests.Infrastructure;
using AlertSender = Orchestrator.Service.Alerts.Alerts;

namespace Orchestrator.Tests.Alerts;

/// <summary>From what is raised to what people hear: once, whoever raises it, and nobody's work waits for it.</summary>
[Trait("Requirement", "OPS-4")]
public sealed class AlertsTests : IAsyncLifetime
{
    private const string Token = "4711:AAfSecretOfTheBot_x";
    private readonly TemporaryFolder _folder = new();
    private readonly HeardLog _log = new();
    private readonly ConcurrentQueue<(string Path, string? Signature)> _signed = new();
    private StandInServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await StandInServer.StartAsync(request =>
        {
            _signed.Enqueue((request.Target, request.Http.Headers[WebhookSink.Header].FirstOrDefault()));
            return Task.FromResult(new StandInAnswer(200, new JsonObject { ["ok"] = true }));
        }, TimeProvider.System, default);
        await File.WriteAllTextAsync(FileOf("token"), Token + "\n");
        await File.WriteAllTextAsync(FileOf("secret"), "s3cret\n");
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_webhook_hears_kind_subject_text_and_time_signed_over_the_bodys_bytes()
    {
        await using var node = await StartAsync(null, [.. Webhook, ("Alerts:Webhook:Secret:File", FileOf("secret"))]);
        var before = TimeProvider.System.GetUtcNow();

        AlertsOf(node).Raise(new Alert(AlertKind.TaskFailed, "team/app 1", "Täsk 'x' failed."));

        var heard = await HeardAsync(1);
        var body = JsonNode.Parse(heard[0].Body)!;
        Assert.Equal(("TaskFailed", "team/app 1", "Täsk 'x' failed."), (body["kind"]!.GetValue<string>(), body["subject"]!.GetValue<string>(), body["text"]!.GetValue<string>()));
        Assert.InRange(body["at"]!.GetValue<DateTimeOffset>(), before, TimeProvider.System.GetUtcNow());
        Assert.Equal(["kind", "subject", "text", "at"], body.AsObject().Select(part => part.Key));
        Assert.Equal($"sha256={Signature.Of(Encoding.UTF8.GetBytes("s3cret"), Encoding.UTF8.GetBytes(heard[0].Body))}", Assert.Single(_signed).Signature);
    }

    [Fact]
    public async Task Two_nodes_and_a_restart_tell_the_same_thing_once_in_a_window()
    {
        List<string> told = [.. Enumerable.Range(0, 20).Select(i => $"BreakerOpened, Lane {i}")];
        await using var one = await StartAsync(null, Webhook);
        await using (var two = await StartAsync(one, Webhook))
        {
            for (var i = 0; i < 20; i++)
            {
                var alert = new Alert(AlertKind.BreakerOpened, $"Lane {i}", "shut");
                Parallel.ForEach([one, two, one, two], node => AlertsOf(node).Raise(alert));
            }

            await ToldAsync(told);
            AlertsOf(two).Raise(new Alert(AlertKind.PreflightFailed, "Lane 0", "another kind is another thing"));
            await ToldAsync(told = [.. told, "PreflightFailed, Lane 0"]);
        }

        await using var restarted = await StartAsync(one, Webhook);
        AlertsOf(restarted).Raise(new Alert(AlertKind.BreakerOpened, "Lane 3", "shut"));
        AlertsOf(restarted).Raise(new Alert(AlertKind.BreakerOpened, "Lane 99", "shut"));
        await ToldAsync(told = [.. told, "BreakerOpened, Lane 99"]);

        await one.ExecuteAsync("UPDATE orchestrator.alert_told SET told_at = told_at - interval '16 minutes' WHERE subject IN ('Lane 3', 'Lane 5')");
        await using var later = await StartAsync(one, Webhook);
        AlertsOf(later).Raise(new Alert(AlertKind.BreakerOpened, "Lane 5", "shut"));
        await ToldAsync(told = [.. told, "BreakerOpened, Lane 5"]);

        // The window is that of who told it, also where somebody else wanted to in the middle of it.
        AlertsOf(restarted).Raise(new Alert(AlertKind.BreakerOpened, "Lane 3", "shut"));
        await ToldAsync([.. told, "BreakerOpened, Lane 3"]);
    }

    [Fact]
    public async Task Without_an_answer_of_the_database_people_are_told_all_the_same()
    {
        await using var node = await StartAsync(null, Webhook);
        await node.ExecuteAsync("ALTER TABLE orchestrator.alert_told RENAME TO alert_elsewhere");

        AlertsOf(node).Raise(new Alert(AlertKind.JobHeld, "job", "held"));

        await HeardAsync(1);
        Assert.Contains(_log.Lines, line => line.Contains("JobHeld, job was told already can't be asked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sink_that_hangs_holds_up_neither_the_others_nor_who_raises()
    {
        var hanging = new Hanging();
        await using var node = await StartAsync(null, [.. Webhook, ("Alerts:Patience", "00:00:10")], services => services.AddSingleton<IAlertSink>(hanging));

        for (var i = 0; i < 5; i++)
            AlertsOf(node).Raise(new Alert(AlertKind.JobHeld, $"job {i}", "held"));

        await HeardAsync(5);
        Assert.InRange(hanging.Called, 0, 4); // it has not been waited for
        await Eventually.IsTrueAsync(() => hanging.Called > 1, "it is left after its time, and asked again");
        Assert.Contains(_log.Lines, line => line.Contains("JobHeld, job 0 was not told by Hanging: It took longer than 00:00:10.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Raising_returns_at_once_when_nothing_is_taken_any_more_and_says_what_is_lost()
    {
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(_log));
        await using var database = Npgsql.NpgsqlDataSource.Create("Host=127.0.0.1;Port=1");
        using var never = new AlertSender([new Hanging()], database, new AlertOptions(), TimeProvider.System, factory.CreateLogger<AlertSender>()); // not started

        await Task.Run(() =>
        {
            for (var i = 0; i < 1003; i++)
                never.Raise(new Alert(AlertKind.JobHeld, $"job {i}", "held"));
        }).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);

        Assert.Equal(3, _log.Lines.Count(line => line.Contains("was not told by any sink: 1000 others wait already.", StringComparison.Ordinal)));
        Assert.Equal(1003, _log.Lines.Count(line => line.StartsWith("Error", StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("Requirement", "SEC-3")]
    public async Task The_token_is_in_no_log_line_and_no_trace_whatever_happens()
    {
        var traced = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.Contains("System.Net.Http", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => traced.Enqueue($"{activity.Source.Name} {activity.DisplayName} {string.Join(' ', activity.TagObjects)}"),
        };
        ActivitySource.AddActivityListener(listener);
        await using var node = await StartAsync(null, Telegram(_server.Url));
        _server.Fail("POST", "/bot", new StandInFault.Answer(400, $$"""{"description":"Bad Request: {{Token}} is known here"}"""), 1);
        _server.Fail("POST", "/bot", new StandInFault.Cut(CarriedOut: true), 1);
        AlertsOf(node).Raise(new Alert(AlertKind.JobHeld, "refused", "held"));
        AlertsOf(node).Raise(new Alert(AlertKind.JobHeld, "cut", "held"));
        await HeardAsync(3);
        await using var nowhere = await StartAsync(node, [.. Telegram(new Uri("http://127.0.0.1:1")), ("Alerts:Patience", "00:00:02")]);
        AlertsOf(nowhere).Raise(new Alert(AlertKind.JobHeld, "unreachable", "held"));
        await Eventually.IsTrueAsync(() => _log.Lines.Any(line => line.Contains("unreachable was not told by TelegramSink", StringComparison.Ordinal)), "it is given up");
        await Eventually.IsTrueAsync(() => _log.Lines.Any(line => line.Contains("cut was told by TelegramSink", StringComparison.Ordinal)), "the cut one was told");

        Assert.All(_server.Journal, request => Assert.Equal($"/bot{Token}/sendMessage", request.Path));
        Assert.Contains(_log.Lines, line => line.Contains("JobHeld, refused was not told by TelegramSink: The server answered 400", StringComparison.Ordinal));
        Assert.DoesNotContain(_log.Lines, line => line.Contains("AAfSecret", StringComparison.Ordinal) || line.Contains("/bot", StringComparison.Ordinal));
        Assert.DoesNotContain(traced, line => line.Contains("AAfSecret", StringComparison.Ordinal));
        using var traceable = new HttpClient();
        await traceable.GetAsync(new Uri(_server.Url, "/seen"));
        Assert.Contains(traced, line => line.Contains("/seen", StringComparison.Ordinal)); // what could be seen would have been
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_no_address_is_logged()
    {
        _server.Fail("POST", "/hook", new StandInFault.Answer(307, """{"description":"go to /hook?key=k"}""", Location: new Uri(_server.Url, "/elsewhere")), 1);
        await using var node = await StartAsync(null, Webhook);

        AlertsOf(node).Raise(new Alert(AlertKind.JobHeld, "job", "held"));

        await Eventually.IsTrueAsync(() => _log.Lines.Any(line => line.Contains("JobHeld, job was not told by WebhookSink: The server answered 307.", StringComparison.Ordinal)), "it is given up");
        Assert.Single(_server.Journal);
        Assert.DoesNotContain(_log.Lines, line => line.Contains("key=k", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Requirement", "OPS-5")]
    public async Task What_is_wrong_with_the_settings_is_told_at_once_and_no_secret_with_it()
    {
        var settings = await Assert.ThrowsAsync<BrokenSettingsException>(() => StartAsync(null,
        [
            ("Alerts:Patience", "00:00:00"), ("Alerts:Telegram:Chat", "a chat"), ("Alerts:Telegram:Spacing", "00:02:00"), ("Alerts:Telegram:Url", "http://example.org"),
            ("Alerts:Webhook:Url", "http://hook:secret@example.org"), ("Alerts:Webhook:Spacing", "-00:00:01"),
        ]));
        Assert.Equal(
            ["Patience", "Telegram:Chat", "Telegram:Token:Variable", "Telegram:Spacing", "Telegram:Url", "Webhook:Url", "Webhook:Spacing"],
            settings.Errors.Select(error => error.Split(' ')[0]["Orchestrator:Alerts:".Length..]));
        Assert.DoesNotContain("secret", settings.Message, StringComparison.Ordinal);

        await File.WriteAllTextAsync(FileOf("token"), "4711:AAf/../../x");
        var secrets = await Assert.ThrowsAsync<BrokenSettingsException>(() => StartAsync(null, [.. Telegram(_server.Url), .. Webhook, ("Alerts:Webhook:Secret:File", "/nowhere/secret")]));
        Assert.Equal(2, secrets.Errors.Count);
        Assert.DoesNotContain("AAf", secrets.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "OPS-5")]
    public async Task Where_alerts_are_switched_off_nobody_is_told()
    {
        await using var node = await StartAsync(null, [.. Webhook, ("Alerts:Enabled", "false")]);
        AlertsOf(node).Raise(new Alert(AlertKind.JobHeld, "job", "held"));

        Assert.DoesNotContain(_log.Lines, line => line.Contains("JobHeld", StringComparison.Ordinal));
        Assert.Equal(0, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.alert_told"));
    }

    [Fact]
    [Trait("Requirement", "OPS-3")]
    public async Task The_retention_sweep_forgets_what_was_told_before_any_window()
    {
        await using var node = await StartAsync(null, []);
        await node.ExecuteAsync("INSERT INTO orchestrator.alert_told SELECT 'JobHeld', i::text, now() - CASE WHEN i <= 2500 THEN interval '8 days' ELSE interval '6 days' END FROM generate_series(1, 2510) i");

        await SweepAsync(node, "retention");

        Assert.Equal(10, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.alert_told"));
        Assert.Equal("2500", await node.ScalarAsync<string>("SELECT done->>'alertsForgotten' FROM orchestrator.sweep_run WHERE sweep = 'retention'"));
    }

    [Fact]
    public async Task Dead_letters_are_told_when_they_come_and_not_while_they_lie_there()
    {
        var prefix = Shared.Unique("dl") + "-";
        await using var node = await StartAsync(null, [.. EngineNode.OnSqs(prefix), .. Webhook]);
        using var queues = new TestQueues((await Shared.Environment).ServiceUrl);
        await SweepAsync(node, "dead-letter");
        await queues.SendAsync(prefix + "work_dlq", new SendEntry { Id = "", MessageBody = "a" }, new SendEntry { Id = "", MessageBody = "b" });
        await queues.CreateAsync(prefix + "other_dlqs");
        await queues.SendAsync(prefix + "other_dlqs", new SendEntry { Id = "", MessageBody = "no queue of dead letters" });

        await SweepAsync(node, "dead-letter");
        await SweepAsync(node, "dead-letter");
        var heard = await HeardAsync(1);
        Assert.Equal(("DeadLetters", prefix + "work_dlq 2"), (JsonNode.Parse(heard[0].Body)!["kind"]!.GetValue<string>(), Subject(heard[0])));
        Assert.StartsWith($"2 more message(s) came into {prefix}work_dlq, which holds 2 now", JsonNode.Parse(heard[0].Body)!["text"]!.GetValue<string>(), StringComparison.Ordinal);

        // What comes within the window is told after it, all at once.
        await queues.SendAsync(prefix + "work_dlq", new SendEntry { Id = "", MessageBody = "c" });
        await SweepAsync(node, "dead-letter");
        await queues.SendAsync(prefix + "work_dlq", new SendEntry { Id = "", MessageBody = "d" });
        await SweepAsync(node, "dead-letter");
        await node.ExecuteAsync("UPDATE orchestrator.dead_letters SET told_at = told_at - interval '16 minutes'");
        await SweepAsync(node, "dead-letter");
        Assert.StartsWith("2 more message(s)", JsonNode.Parse((await HeardAsync(2))[1].Body)!["text"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("[\"2\", \"2\"]", await node.ScalarAsync<string>("SELECT jsonb_agg(done->>'deadLetters' ORDER BY id)::text FROM orchestrator.sweep_run WHERE sweep = 'dead-letter' AND done <> '{}'"));
    }

    private (string, string)[] Webhook => [("Alerts:Webhook:Url", new Uri(_server.Url, "/hook?key=k").ToString())];

    private (string, string)[] Telegram(Uri url) =>
        [("Alerts:Telegram:Chat", "-100200"), ("Alerts:Telegram:Token:File", FileOf("token")), ("Alerts:Telegram:Url", url.ToString()), ("Alerts:Telegram:Spacing", "00:00:00")];

    private string FileOf(string name) => Path.Combine(_folder.Path, name);

    private static AlertSender AlertsOf(TestNode node) => node.Services.GetRequiredService<AlertSender>();

    private static string Subject(SeenRequest request) => JsonNode.Parse(request.Body)!["subject"]!.GetValue<string>();

    private async Task<List<SeenRequest>> HeardAsync(int count) =>
        await Eventually.IsAsync(() => Task.FromResult(_server.Journal.ToList()), heard => heard.Count >= count, $"{count} are heard") is { } all && all.Count == count
            ? all : throw new InvalidOperationException($"More than {count} are heard: {string.Join("; ", _server.Journal.Select(request => request.Body))}");

    /// <summary>
    /// Waits until each of these was told as often as it stands there, and fails if anything was told more often. Two things are not counted, for they are as they must be: the same words posted again
    /// because no answer came in time, and what was told because the database did not say in time whether it had been.
    /// </summary>
    /// <param name="expected">Kind and subject of each.</param>
    private async Task ToldAsync(IEnumerable<string> expected)
    {
        var most = expected.CountBy(name => name).ToDictionary();
        var seen = await Eventually.IsAsync(
            () => Task.FromResult(_server.Journal.Select(request => request.Body).Distinct().Select(body => JsonNode.Parse(body)!).CountBy(body => $"{body["kind"]}, {body["subject"]}").ToDictionary()),
            told => most.All(one => told.GetValueOrDefault(one.Key) >= one.Value), "all of it is told");
        Assert.All(seen, one => Assert.InRange(one.Value, 0, most.GetValueOrDefault(one.Key) + _log.Lines.Count(line => line.Contains($"{one.Key} was told already can't be asked", StringComparison.Ordinal))));
    }

    private static Task SweepAsync(TestNode node, string sweep) =>
        node.Services.GetRequiredService<SweepRunner>().RunAsync(node.Services.GetRequiredService<SweepList>().Find(sweep)!, byHand: false, default);

    private Task<TestNode> StartAsync(TestNode? beside, (string, string)[] settings, Action<IServiceCollection>? replace = null) =>
        EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), beside, services =>
        {
            services.AddLogging(logging => logging.AddProvider(_log).SetMinimumLevel(LogLevel.Trace));
            replace?.Invoke(services);
        }, settings);

    private sealed class Hanging : IAlertSink
    {
        private int _called;

        public int Called => Volatile.Read(ref _called);

        public Task SendAsync(Alert alert, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _called);
            return new TaskCompletionSource().Task; // forgets its token, too
        }
    }
}
