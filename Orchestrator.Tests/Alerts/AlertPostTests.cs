using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Local.StandIns;
using Orchestrator.Service.Alerts;

namespace Orchestrator.Tests.Alerts;

/// <summary>What a server's answers do to a message, and how a message looks.</summary>
[Trait("Requirement", "OPS-4")]
public sealed class AlertPostTests : IAsyncLifetime
{
    private const string Path = "/bot1:secret/sendMessage";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ServiceProvider _services = new ServiceCollection().AddHttpClient().BuildServiceProvider();
    private StandInServer _server = null!;

    public async Task InitializeAsync() => _server = await StandInServer.StartAsync(_ => Task.FromResult(new StandInAnswer(200, new JsonObject { ["ok"] = true })), TimeProvider.System, default);

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task Too_many_requests_are_repeated_when_the_answer_says_and_not_before()
    {
        _server.Fail("POST", Path, TooMany(seconds: 2), 1);
        var began = TimeProvider.System.GetTimestamp();

        await Sink().SendAsync(Said("one"), default);

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.FromSeconds(1.9), Patience);
        Assert.Equal([429, 200], _server.Journal.Select(request => request.Status));
    }

    [Fact]
    public async Task A_silence_that_is_longer_than_the_patience_is_kept_by_giving_up_at_once_also_for_those_that_follow()
    {
        _server.Fail("POST", Path, TooMany(seconds: 300), 1);
        var sink = Sink();

        var first = await Assert.ThrowsAsync<AlertNotToldException>(() => sink.SendAsync(Said("one"), default));
        var second = await Assert.ThrowsAsync<AlertNotToldException>(() => sink.SendAsync(Said("two"), default));

        Assert.StartsWith("The server answered 429: Too Many Requests: retry after 300. There is no turn before another ", first.Message, StringComparison.Ordinal);
        Assert.StartsWith("There is no turn before another ", second.Message, StringComparison.Ordinal);
        Assert.Single(_server.Journal);
    }

    [Fact]
    public async Task What_may_pass_is_repeated_and_what_can_not_is_told_with_the_servers_words()
    {
        _server.Fail("POST", Path, new StandInFault.Answer(500, "{}", RetryAfter: "1"), 1);
        _server.Fail("POST", Path, new StandInFault.Cut(CarriedOut: false), 1);
        await Sink().SendAsync(Said("one"), default);
        Assert.Equal([500, 0, 200], _server.Journal.Select(request => request.Status));

        _server.Fail("POST", Path, new StandInFault.Answer(400, """{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"""), 1);
        var refused = await Assert.ThrowsAsync<AlertNotToldException>(() => Sink().SendAsync(Said("two"), default));

        Assert.Equal("The server answered 400: Bad Request: chat not found.", refused.Message);
        Assert.Equal(4, _server.Journal.Count);
    }

    [Fact]
    public async Task Tries_are_bounded()
    {
        _server.Fail("POST", Path, new StandInFault.Answer(503, "[]", RetryAfter: "1"), 100);

        var given = await Assert.ThrowsAsync<AlertNotToldException>(() => Sink().SendAsync(Said("one"), default));

        Assert.Equal("The server answered 503. It was tried 5 times.", given.Message);
        Assert.Equal(5, _server.Journal.Count);
    }

    [Fact]
    public async Task Messages_of_a_chat_are_spaced()
    {
        var sink = Sink(TimeSpan.FromSeconds(1));
        var began = TimeProvider.System.GetTimestamp();

        foreach (var text in new[] { "one", "two", "three" })
            await sink.SendAsync(Said(text), default);

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.FromSeconds(1.9), Patience);
        Assert.Equal(["BreakerOpened: work\none", "BreakerOpened: work\ntwo", "BreakerOpened: work\nthree"], _server.Journal.Select(request => JsonNode.Parse(request.Body)!["text"]!.GetValue<string>()));
        Assert.Equal("-100", JsonNode.Parse(_server.Journal.First().Body)!["chat_id"]!.GetValue<string>());
        Assert.Null(JsonNode.Parse(_server.Journal.First().Body)!["parse_mode"]);
    }

    [Fact]
    public void A_message_has_4096_units_at_most_and_no_character_is_cut_in_two()
    {
        var head = $"{AlertKind.BreakerOpened}: work\n".Length;
        var fits = new string('x', TelegramSink.Longest - head);

        Assert.Equal($"BreakerOpened: work\n{fits}", TelegramSink.TextOf(Said(fits)));
        foreach (var before in Enumerable.Range(TelegramSink.Longest - head - 4, 6))
        {
            var text = TelegramSink.TextOf(Said(new string('x', before) + "😀😀😀😀😀"));
            Assert.InRange(text.Length, TelegramSink.Longest - 1, TelegramSink.Longest);
            Assert.EndsWith("…", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\uFFFD', System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)));
        }
    }

    [Fact]
    public async Task A_text_that_is_broken_already_is_sent_all_the_same()
    {
        await Sink().SendAsync(Said("half \uD83D and NUL \0"), default);

        Assert.StartsWith("BreakerOpened: work\nhalf ", JsonNode.Parse(Assert.Single(_server.Journal).Body)!["text"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private static StandInFault TooMany(int seconds) =>
        new StandInFault.Answer(429, $$$"""{"ok":false,"error_code":429,"description":"Too Many Requests: retry after {{{seconds}}}","parameters":{"retry_after":{{{seconds}}}}}""");

    private static Alert Said(string text) => new(AlertKind.BreakerOpened, "work", text);

    private TelegramSink Sink(TimeSpan spacing = default) =>
        new(new AlertPost(_services.GetRequiredService<IHttpClientFactory>(), "test", new Uri(_server.Url, Path), "1:secret", spacing, Patience, TimeProvider.System), "-100");
}
