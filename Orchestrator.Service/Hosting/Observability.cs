using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Orchestrator.Service.Hosting;

/// <summary>Metrics and traces go where the usual <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says; without it nothing is collected.</summary>
internal sealed class Observability : IHostedService, IDisposable
{
    private MeterProvider? _metrics;
    private TracerProvider? _traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT")))
            return Task.CompletedTask;
        var service = ResourceBuilder.CreateDefault().AddService("orchestrator");
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(service)
            .AddMeter(Telemetry.Name, "Orchestrator.AmazonSqs", "MassTransit", "Quartz", "Npgsql").AddOtlpExporter().Build();
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(service)
            .AddSource("MassTransit", "Quartz", "Npgsql").AddOtlpExporter().Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _metrics?.ForceFlush(2000);
        _traces?.ForceFlush(2000);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _metrics?.Dispose();
        _traces?.Dispose();
    }
}
