using Microsoft.Extensions.Configuration;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Tests.Engine;

[Trait("Requirement", "OPS-5")]
public sealed class SettingsTests
{
    /// <summary>The binder leaves such an entry out and says nothing, wherever it stands.</summary>
    [Theory]
    [InlineData("Delivery:Gates:check_review", "false", "must have settings of its own, and no value")]
    [InlineData("Delivery:Gates:check_review:Enabled", "flase", "'flase'")]
    [InlineData("Delivery:PostDeploy:team/app:Window", "ten minutes", "'ten minutes'")]
    [InlineData("Delivery:Repositories:team/app", "/srv/app.git", "must have settings of its own, and no value")]
    [InlineData("Delivery:Runners:Tests:Suites:app:Timeout", "soon", "'soon'")]
    [InlineData("Delivery:PostDeploy:team/app:Smoke:page:Status", "OK", "'OK'")]
    [InlineData("Delivery:PostDeploy:app:Window", "00:00:01", "must be named owner/name")]
    [InlineData("Delivery:Projects:5b3e0f3c-3f0b-4d53-9a7c-1f6b1a2c3d4e:Repository", "te am/app", "must be owner/name")]
    public void An_entry_that_can_not_be_read_is_told(string key, string value, string told) =>
        Assert.Contains(Refused((key, value)), error => error.StartsWith("Orchestrator:Delivery:", StringComparison.Ordinal) && error.Contains(told, StringComparison.Ordinal));

    [Fact]
    public void A_secret_in_the_wrong_place_is_not_repeated()
    {
        var errors = Refused(("Tracker:Token", "hunter2"));

        Assert.Contains(errors, error => error.StartsWith("Orchestrator:Tracker:Token must have settings of its own", StringComparison.Ordinal));
        Assert.DoesNotContain(errors, error => error.Contains("hunter2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://0.0.0.0:5080")]
    [InlineData("http://192.168.0.7:5080")]
    [InlineData("http://[::]:5080")]
    [InlineData("http://orchestrator.example:5080")]
    [InlineData("https://127.0.0.1:5080")]
    [Trait("Requirement", "SEC-1")]
    public void Another_address_than_loopback_is_refused_with_the_reason(string url)
    {
        var error = Assert.Single(Refused(("Http:Url", url)));

        Assert.StartsWith("Orchestrator:Http:Url must be an http address on loopback", error, StringComparison.Ordinal);
        Assert.Contains("refused until authentication is configured", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://[::1]:0")]
    [InlineData("http://localhost:0")]
    [Trait("Requirement", "SEC-1")]
    public void Loopback_is_taken_in_each_spelling(string url) => Build(("Http:Url", url));

    [Fact]
    public void All_errors_are_told_at_once_each_with_its_key_rule_and_what_was_found() => Assert.Equal(
    [
        "Orchestrator:Bus:LongPollSeconds must be 1 to 20. Found: 21.",
        "Orchestrator:Node:Lease must be at least three heartbeats (00:01:00). Found: 00:00:30.",
        "Orchestrator:Lanes:work:Permits must be 1 to 10,000. Found: 0.",
    ], Refused(("Bus:LongPollSeconds", "21"), ("Node:Heartbeat", "00:00:20"), ("Lanes:work:Permits", "0")));

    [Theory]
    [InlineData("Lanes:jobs:Permits", "1")]
    [InlineData("Documents:Acquisition:Queue", "jobs")]
    public void The_name_of_the_commands_queue_is_refused_for_another(string key, string value) =>
        Assert.Contains("the queue of that name takes commands", Assert.Single(Refused((key, value))), StringComparison.Ordinal);

    [Theory]
    [InlineData("Lanes:work:Backoff", "NaN")]
    [InlineData("Lanes:work:Permits", "99999999999")]
    [InlineData("Lanes:work", "3")]
    [InlineData("Lanes:work:MaxBackoff", "10675199.02:48:05")]
    [InlineData("Node:Lease", "99999.00:00:00")]
    [InlineData("Node:Name", "a\nb")]
    [InlineData("Bus:Transport", "3")]
    [InlineData("Bus:Topology", "99")]
    [InlineData("Bus:ServiceUrl", "sqs.example")]
    [InlineData("Bus:ServiceUrl", "ftp://sqs.example")]
    [InlineData("Documents:ServiceUrl", "/s3")]
    [InlineData("Documents:Acquisition:DefaultTenant", "A B")]
    [InlineData("Documents:Reading:MaxXmlCharacters", "0")]
    [InlineData("Documents:Tools:Wall", "10675199.02:48:05")]
    [InlineData("Http:Url", "")]
    public void A_value_that_cannot_be_used_is_refused_with_its_key(string key, string value) =>
        Assert.Contains("Orchestrator:" + key, Assert.Single(Refused((key, value))), StringComparison.Ordinal);

    [Fact]
    public void A_key_that_does_not_exist_is_refused_with_the_nearest_that_does() => Assert.Equal(
    [
        "Orchestrator:Wrok is not a setting. Did you mean Work?",
        "Orchestrator:Bus:Transprot is not a setting. Did you mean Transport?",
        "Orchestrator:Lanes:work:Permit is not a setting. Did you mean Permits?",
    ], Refused(("Wrok:Permits", "3"), ("Bus:Transprot", "InMemory"), ("Lanes:work:Permit", "3")).OrderBy(e => e.Length));

    [Fact]
    public void A_value_of_the_wrong_kind_is_refused_with_its_key()
    {
        var error = Assert.Single(Refused(("Work:Permits", "many")));

        Assert.StartsWith("Orchestrator:Work", error, StringComparison.Ordinal);
        Assert.Contains("many", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_without_a_database_is_told_what_to_write() => Assert.Contains(
        Refused(("Database:ConnectionString", "")), e => e.StartsWith("Orchestrator:Database:ConnectionString must name the PostgreSQL database, for example", StringComparison.Ordinal));

    [Theory]
    [InlineData("Hots=127.0.0.1;Password=s3cret", "hots")]
    [InlineData("Host=127.0.0.1;Port=abc;Password=s3cret", "port")]
    [InlineData("postgresql://u:s3cret@127.0.0.1/orchestrator", null)]
    public void A_connection_string_that_can_not_be_read_is_refused_without_repeating_it(string connection, string? part)
    {
        var error = Assert.Single(Refused(("Database:ConnectionString", connection)));

        Assert.StartsWith("Orchestrator:Database:ConnectionString must be a connection string of Npgsql", error, StringComparison.Ordinal);
        Assert.Contains(part is null ? "Found: something else." : $"Found: a part '{part}' that is unknown or has a wrong value.", error, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "SEC-3")]
    public void What_lanes_name_and_what_commands_give_by_default_is_held_against_the_rules_at_start() => Assert.Equal(
    [
        "Orchestrator:Commands:run:Parameters:dash:Default must not begin with a dash, or AllowDash must be true. Found: -x.",
        "Orchestrator:Commands:run:Parameters:long:Default must have at most 3 characters (MaxLength). Found: 1234.",
        "Orchestrator:Lanes:work:Commands must name commands under Orchestrator:Commands. Found: rum. Did you mean run?",
    ], Refused(
        ("Commands:run:Program", "/bin/echo"), ("Commands:run:Arguments:0", "{dash}{long}"), ("Commands:run:Parameters:dash:Default", "-x"),
        ("Commands:run:Parameters:long:Default", "1234"), ("Commands:run:Parameters:long:MaxLength", "3"), ("Lanes:work:Commands:0", "rum")).Order(StringComparer.Ordinal));

    private static IReadOnlyList<string> Refused(params (string Key, string Value)[] settings) =>
        Assert.Throws<BrokenSettingsException>(() => Build(settings)).Errors;

    private static void Build(params (string Key, string Value)[] settings) => OrchestratorHost.CreateBuilder([], configuration =>
    {
        configuration.Sources.Clear();
        configuration.AddInMemoryCollection([new("Orchestrator:Database:ConnectionString", "Host=127.0.0.1;Database=never-opened")]);
        configuration.AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>("Orchestrator:" + s.Key, s.Value)));
    });
}
