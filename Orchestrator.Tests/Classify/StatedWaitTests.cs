using System.Globalization;
using Orchestrator.Service.Classify;

namespace Orchestrator.Tests.Classify;

/// <summary>When a limit ends, read from the words that state it.</summary>
[Trait("Requirement", "RES-2")]
public sealed class StatedWaitTests
{
    [Theory]
    [InlineData("2026-03-04T10:00:00Z", "resets_in_seconds: 90", 90)]
    [InlineData("2026-03-04T10:00:00Z", "retry-after: 37", 37)]
    [InlineData("2026-03-04T10:00:00Z", "{ 'retry-after': '37', 'x': 1 }", 37)]
    [InlineData("2026-03-04T10:00:00Z", "retry-after-ms: 1500", 2)]
    [InlineData("2026-03-04T10:00:00Z", "retry-after: Wed, 04 Mar 2026 11:00:00 GMT", 3600)]
    [InlineData("2026-03-04T10:00:00Z", "retry-after: Wed, 04 Mar 2026 09:00:00 GMT", null)]
    [InlineData("2026-03-04T10:00:00Z", "\"retryDelay\": \"43s\"", 43)]
    [InlineData("2026-03-04T10:00:00Z", "retryDelay: 42.1s", 43)]
    [InlineData("2026-03-04T10:00:00Z", "resets_at: 1772622000", 3600)]
    [InlineData("2026-03-04T10:00:00Z", "resets_at: 1772622000000", 3600)]
    [InlineData("2026-03-04T10:00:00Z", "resets_at: \"2026-03-04T12:00:00+01:00\"", 3600)]
    [InlineData("2026-03-04T10:00:00Z", "limit reached|1772622000", 3600)]
    [InlineData("2026-03-04T10:00:00Z", "limit reached|1772618399", null)]
    [InlineData("2026-03-04T10:00:00Z", "Please try again in 21.509s.", 22)]
    [InlineData("2026-03-04T10:00:00Z", "try again in 1h2m3s", 3723)]
    [InlineData("2026-03-04T10:00:00Z", "try again in 1 hour and 5 minutes", 3900)]
    [InlineData("2026-03-04T10:00:00Z", "try again in an hour", 3600)]
    [InlineData("2026-03-04T10:00:00Z", "try again in about 2 hours", 7200)]
    [InlineData("2026-03-04T10:00:00Z", "try again in 90 days", 604800)]
    [InlineData("2026-03-04T10:00:00Z", "Please retry in 3.2s", 4)]
    [InlineData("2026-03-04T10:00:00Z", "retry after 30 seconds", 30)]
    [InlineData("2026-03-04T10:00:00Z", "Please wait 23 seconds before trying again", 23)]
    [InlineData("2026-03-04T10:00:00Z", "resets in 3d 4h", 273600)]
    [InlineData("2026-03-04T10:00:00Z", "Retrying in 0.2 seconds...", null)]
    [InlineData("2026-03-04T10:00:00Z", "please wait and see", null)]
    [InlineData("2026-03-04T10:00:00Z", "try again later", null)]
    [InlineData("2026-03-04T10:00:00Z", "resets 11am", 3600)]
    [InlineData("2026-03-04T12:00:00+02:00", "resets 1pm", 3600)]
    [InlineData("2026-03-04T10:00:00Z", "resets at 13:30", 12600)]
    [InlineData("2026-03-04T10:00:00Z", "resets 1 p.m. (UTC)", 10800)]
    [InlineData("2026-03-04T10:00:00Z", "resets 10am", null)]
    [InlineData("2026-03-04T10:00:00Z", "resets 9am", 82800)]
    [InlineData("2026-03-04T10:00:00Z", "resets 13pm", null)]
    [InlineData("2026-03-04T10:00:00Z", "resets 11am PST", 32400)]
    [InlineData("2026-03-04T10:00:00Z", "resets 11am (UTC+5:30)", 70200)]
    [InlineData("2026-03-04T10:00:00Z", "resets 7pm (Asia/Shanghai)", 3600)]
    [InlineData("2026-07-04T10:00:00Z", "resets 7am (America/New_York)", 3600)]
    [InlineData("2026-01-04T10:00:00Z", "resets 6am (America/New_York)", 3600)]
    [InlineData("2026-12-30T10:00:00Z", "resets Jan 2 at 10am (UTC)", 259200)]
    [InlineData("2026-03-04T10:00:00Z", "resets Feb 30 at 10am (UTC)", null)]
    [InlineData("2026-03-04T10:00:00Z", "try again at Mar 5th, 2026 1:00 PM.", 97200)]
    [InlineData("2026-03-04T10:00:00Z", "resets on 2026-03-06", 136800)]
    [InlineData("2026-03-04T10:00:00Z", "resets on 03/05", 50400)]
    [InlineData("2026-03-04T10:00:00Z", "retry 03/05", null)]
    [InlineData("2026-03-04T10:00:00Z", "resets Wednesday at 9am", 601200)]
    [InlineData("2026-03-04T10:00:00Z", "resets Fri 9am", 169200)]
    public void Is_read_as_people_would(string now, string text, int? seconds) =>
        Assert.Equal(seconds, StatedWait.Of(text, DateTimeOffset.Parse(now, CultureInfo.InvariantCulture))?.TotalSeconds);

    [Theory]
    [InlineData(1772622000, 3600)]
    [InlineData(1772622000000, 3600)]
    [InlineData(1772618400, null)]
    [InlineData(1e300, null)]
    [InlineData(-5, null)]
    public void Is_read_from_an_event(double epoch, int? seconds) => Assert.Equal(seconds, StatedWait.Until(epoch, Sample.Now)?.TotalSeconds);
}
