using Orchestrator.Service.Delivery.Agents;
using Orchestrator.Service.Delivery.Facts;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Gates;
using Orchestrator.Service.Delivery.Git;
using Orchestrator.Service.Delivery.Merging;
using Orchestrator.Service.Delivery.Reconcile;
using Orchestrator.Service.Delivery.Reports;
using Orchestrator.Service.Delivery.Reserved;
using Orchestrator.Service.Delivery.Runners;
using Orchestrator.Service.Delivery.SerialGate;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Delivery.Tracker;
using Orchestrator.Service.Delivery.Webhooks;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Http;
using Orchestrator.Service.Processes;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Remote;
using Orchestrator.Service.Sweeps;

namespace Orchestrator.Service.Delivery;

/// <summary>Registers the delivery pipeline: its gates, its stages, and who works on them.</summary>
internal static class DeliveryRegistration
{
    public static void AddDelivery(this IServiceCollection services)
    {
        var options = OrchestratorHost.Section<DeliveryOptions>(services);
        services.AddSingleton<TaskTransitions>();
        services.AddWebhooks();
        services.AddForgeAndTracker();
        if (!options.Enabled)
            return;
        var forge = OrchestratorHost.Section<ForgeOptions>(services).IsEnabled;
        services.AddGates(forge);
        services.AddSingleton<GateRegistry>();
        services.AddSingleton(p => Pipeline(options, p.GetRequiredService<GateRegistry>(), p.GetRequiredService<LanesOptions>(), p.GetRequiredService<CommandsOptions>(), p.GetRequiredService<Prompts>(), p.GetRequiredService<TrackerOptions>()));
        services.AddSingleton<StageJobs>();
        services.AddSingleton<Prompts>();
        services.AddSingleton<IProcessWork, AgentWork>();
        services.AddSingleton<TaskReports>();
        services.AddSingleton<TaskDriver>();
        services.AddSingleton<TaskClient>();
        services.AddSingleton<ITaskClient>(p => p.GetRequiredService<TaskClient>());
        if (options.RetentionEnabled)
            services.AddSingleton<IRetention, TaskRetention>();
        services.AddSingleton<IObstacle, SerialGate.SerialGate>();
        services.AddSingleton<IDeliveryFacts, TaskFacts>();
        services.AddMerging(options);
        if (forge)
        {
            services.AddSingleton<IMergeForge, ForgeMerges>();
            services.AddSingleton<TaskPullRequests>();
            services.AddSingleton<IStageWork, DeployStage>();
        }

        if (options.WorktreeKeeperEnabled)
            services.AddHostedService<WorktreeKeeper>();
        services.AddSingleton<IStageWork, RunnerStage>();
        services.AddSingleton<IStageWork, PostDeployStage>();
        services.AddSingleton<RunnersReport>();
        services.AddSingleton<IQueueBlock>(p => p.GetRequiredService<RunnersReport>());
        services.AddHostedService(p => p.GetRequiredService<RunnersReport>());
        // Their settings have defaults that fit; the agents' lane needs its commands, and only an operator knows those.
        var lanes = OrchestratorHost.Section<LanesOptions>(services);
        lanes.TryAdd(DeliveryLanes.Work, new LaneOptions { MaxTransient = 50 }); // merges and runners count their waits themselves
        lanes.TryAdd(DeliveryLanes.Events, new LaneOptions());
        if (forge || OrchestratorHost.Section<TrackerOptions>(services).IsEnabled)
        {
            lanes.TryAdd(DeliveryLanes.Reports, new LaneOptions { MaxTransient = 200 }); // a server may be away for two days
            services.AddLane<ReportHandler>(DeliveryLanes.Reports);
            services.AddSingleton<IKnownWork, KnownWork>();
            services.AddSingleton<Reconciler>();
        }

        services.AddLane<StageHandler>(DeliveryLanes.Work);
        services.AddLane<DeliveryHandler>(DeliveryLanes.Events);
        services.AddSingleton<SerialGateReport>();
        services.AddSingleton<IQueueBlock>(p => p.GetRequiredService<SerialGateReport>());
    }

    // The one list of gates. A pipeline may name any of them, and those that somebody registers beside them.
    private static void AddGates(this IServiceCollection services, bool forge)
    {
        services.AddSingleton<IGate>(new ArtifactGate("check_analysis", Artifacts.Analysis));
        services.AddSingleton<IGate>(new ArtifactGate("check_architecture", Artifacts.Architecture));
        services.AddSingleton<IGate>(new ArtifactGate("check_branch_has_work", Artifacts.Changes));
        services.AddSingleton<IGate>(new VerdictGate("check_review", Artifacts.Review, "verdict", "APPROVED", "CHANGES_REQUESTED"));
        services.AddSingleton<IGate>(new VerdictGate("check_tests_passed", Artifacts.TestReport, "result", "PASS", "FAIL"));
        services.AddSingleton<IGate>(new VerdictGate("check_staging_status", Artifacts.StagingLog, "staging_status", "SUCCESS", "FAILED"));
        services.AddSingleton<IGate>(new VerdictGate("check_merged", Artifacts.Merge, "merge", "DONE", "NOT_DONE"));
        services.AddSingleton<IGate>(new VerdictGate("check_post_deploy", Artifacts.PostDeploy, "health", "GOOD", "BAD"));
        services.AddSingleton<IGate, MergeableGate>();
        if (!forge)
            return;
        services.AddSingleton<IGate, ApprovedGate>();
        services.AddSingleton<IGate, ChecksGate>();
    }

    private static DeliveryPipeline Pipeline(DeliveryOptions options, GateRegistry gates, LanesOptions lanes, CommandsOptions commands, Prompts prompts, TrackerOptions words)
    {
        var (file, text) = ("pipeline.yaml (the service's own)", "");
        try
        {
            (file, text) = options.Pipeline.Length == 0 ? (file, PipelineFile.Default()) : (options.Pipeline, File.ReadAllText(options.Pipeline));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BrokenSettingsException([$"Orchestrator:Delivery:Pipeline: can't be read: {exception.Message}"]);
        }

        if (PipelineFile.Read(file, text, gates.Names, out var errors) is not { } pipeline)
            throw new BrokenSettingsException(errors);
        var agents = lanes.GetValueOrDefault(DeliveryLanes.Agents)?.Commands ?? [];
        var workers = pipeline.Stages.Select(stage => (stage.Name, Agent: stage.Worker as Worker.Agent ?? (stage.Worker as Worker.Runner)?.Instead)).Where(stage => stage.Agent is not null).ToList();
        var missing = workers.Where(stage => !agents.Contains(stage.Agent!.Command) || !commands.ContainsKey(stage.Agent.Command))
            .Select(stage => $"{file}: the agent of stage {stage.Name}, {stage.Agent!.Command}, is not a command of lane {DeliveryLanes.Agents}. Name it in Orchestrator:Lanes:{DeliveryLanes.Agents}:Commands, and declare it under Orchestrator:Commands.")
            .Concat(workers.Where(stage => !prompts.Has(stage.Agent!.Prompt)).Select(stage => $"{file}: there is no prompt template {stage.Agent!.Prompt} for stage {stage.Name}. Put it into the folder under Orchestrator:Delivery:Prompts, or name another."))
            .Concat(ReportWords.Errors(options, words, pipeline))
            .ToList();
        return missing.Count > 0 ? throw new BrokenSettingsException(missing) : pipeline;
    }
}
