using Orchestrator.Service.Documents.Acquisition;
using Orchestrator.Service.Documents.Diagnostics;
using Orchestrator.Service.Documents.Ingestion;
using Orchestrator.Service.Documents.Matching;
using Orchestrator.Service.Documents.Output;
using Orchestrator.Service.Documents.Processes;
using Orchestrator.Service.Documents.Reading;
using Orchestrator.Service.Documents.Storage;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Documents;

/// <summary>Registers the five document workers.</summary>
internal static class DocumentsRegistration
{
    /// <summary>The workers of a node that has a bucket; on another node the document lanes are switched off, and others work in them.</summary>
    public static void AddDocuments(this IServiceCollection services)
    {
        var options = OrchestratorHost.Section<DocumentsOptions>(services);
        services.AddReading(options);
        services.AddSingleton<PurchaseOrderImport>();
        if (!options.IsEnabled)
        {
            foreach (var lane in OrchestratorHost.Section<LanesOptions>(services).Where(lane => DocumentJobs.Lanes.Contains(lane.Key)))
                lane.Value.Enabled = false;
            return;
        }

        services.AddDocumentBucket(options, OrchestratorHost.Section<BusOptions>(services));
        services.AddSingleton<Acquirer>();
        services.AddHostedService<ForsakenFolders>();
        services.AddLane<IngestionHandler>(DocumentJobs.Ingestion);
        services.AddLane<MatchingHandler>(DocumentJobs.Matching);
        services.AddLane<DiagnosticsHandler>(DocumentJobs.Diagnostics);
        services.AddLane<OutputHandler>(DocumentJobs.Output);
    }

    /// <summary>The reader alone, for the verb that needs nothing else.</summary>
    public static void AddReading(this IServiceCollection services, DocumentsOptions options)
    {
        services.AddSingleton(options.Reading);
        services.AddSingleton(options.Tools);
        services.AddSingleton(options.Templates);
        services.AddSingleton(options.Latency);
        services.AddDocumentReading();
    }
}
