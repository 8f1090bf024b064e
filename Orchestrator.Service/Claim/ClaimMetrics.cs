using System.Diagnostics.Metrics;

namespace Orchestrator.Service.Claim;

internal sealed class ClaimMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _claims = meters.Create(Telemetry.Name).CreateCounter<long>("orchestrator.claims", "{claim}", "Claims by lane and answer");

    public void Answered(string lane, ClaimAnswer answer) =>
        _claims.Add(1, new KeyValuePair<string, object?>("lane", lane), new KeyValuePair<string, object?>("answer", answer.ToString()));
}
