namespace Orchestrator.Service;

/// <summary>The name of the service's meter and activity source.</summary>
public static class Telemetry
{
    public const string Name = "Orchestrator";
}
