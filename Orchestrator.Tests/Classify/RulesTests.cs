using System.Text;
using Orchestrator.Service.Classify;

namespace Orchestrator.Tests.Classify;

[Trait("Requirement", "RES-2")]
public sealed class RulesTests
{
    private static readonly Sample[] All = [.. Sample.OfAgents, .. Sample.OfPrograms, .. Sample.OfSceptics];

    public static TheoryData<string> Ids => [.. Rules.All.Select(rule => rule.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Each_rule_decides_a_sample(string id) =>
        Assert.Contains(All, sample => Classifier.Classify(sample.Exit, Encoding.UTF8.GetBytes(sample.Log), Sample.Now).Rule == id);

    [Fact]
    public void Ids_are_unique() => Assert.Equal(Rules.All.Count, Rules.All.Select(rule => rule.Id).Distinct().Count());

    [Fact]
    public void Samples_have_names_of_their_own() => Assert.Equal(All.Length, All.Select(s => s.Name).Distinct().Count());

    [Theory]
    [InlineData("Incorrect API key provided: sk-proj-AAAAAAAAAAAAAAAAAAAA1234.", "Incorrect API key provided: ***")]
    [InlineData("API Error: 401 Authorization: Bearer abcdefghijklmnop", "API Error: 401 Authorization: Bearer ***")]
    [InlineData("fatal: Authentication failed for 'https://bot:hunter2hunter2@git.example/r.git/'", "fatal: Authentication failed for 'https://bot:***@git.example/r.git/'")]
    [InlineData("error: invalid x-api-key, password=correcthorse", "error: invalid x-api-key, password=***")]
    [InlineData("Error: 401 ghp_0123456789abcdefghij refused", "Error: 401 *** refused")]
    [InlineData("Error: 401 {\"token\":\"abcd1234efgh\"}", "Error: 401 {\"token\":\"***\"}")]
    public void Evidence_shows_no_key(string line, string shown) => Assert.Equal(shown, Classifier.Classify(1, Encoding.UTF8.GetBytes(line), Sample.Now).Evidence);

    [Fact]
    public void Evidence_is_short_and_one_line()
    {
        var found = Classifier.Classify(1, Encoding.UTF8.GetBytes("""{"type":"turn.failed","error":{"message":"unexpected status 503\nService Unavailable\u0007 \u202e""" + string.Concat(Enumerable.Repeat("😀", 400)) + "\"}}"), Sample.Now);

        Assert.Equal("server", found.Rule);
        Assert.StartsWith("unexpected status 503 Service Unavailable 😀", found.Evidence, StringComparison.Ordinal);
        Assert.InRange(found.Evidence.Length, 298, 300);
        Assert.EndsWith("😀…", found.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_days_quota_is_waited_for_longer_than_a_minutes()
    {
        Assert.Equal(TimeSpan.FromHours(1), Rules.All.Single(rule => rule.Id == "quota-per-day").Backoff);
        Assert.Equal(TimeSpan.FromMinutes(1), Rules.All.Single(rule => rule.Id == "rate-limit").Backoff);
    }
}
