using Microsoft.EntityFrameworkCore;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Outbox;
using Orchestrator.Persistence.Tasks;

namespace Orchestrator.Persistence;

/// <summary>The mapping for reads, saga queries and the outbox. What locks or moves rows is SQL, one file per ledger.</summary>
public sealed class OrchestratorDb(DbContextOptions<OrchestratorDb> options) : DbContext(options)
{
    public DbSet<Job> Jobs => Set<Job>();

    public DbSet<DeliveryTask> Tasks => Set<DeliveryTask>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema("orchestrator");
        modelBuilder.AddOutbox();
        modelBuilder.Entity<Job>(job =>
        {
            job.ToTable("job");
            job.HasKey(j => j.CorrelationId).HasName("job_pkey");
            job.Ignore(j => j.Id);
            job.Ignore(j => j.Sequence); // the database's own; see the ledger's list
            job.Property(j => j.CorrelationId).HasColumnName("id").ValueGeneratedNever();
            job.Property(j => j.Lane).HasColumnName("lane");
            job.Property(j => j.State).HasColumnName("state");
            job.Property(j => j.Priority).HasColumnName("priority");
            job.Property(j => j.SubmittedAt).HasColumnName("submitted_at");
            job.Property(j => j.AvailableAt).HasColumnName("available_at");
            job.Property(j => j.Due).HasColumnName("due");
            job.Property(j => j.DispatchedAt).HasColumnName("dispatched_at");
            job.Property(j => j.DispatchedBy).HasColumnName("dispatched_by");
            job.Property(j => j.RunId).HasColumnName("run_id");
            job.Property(j => j.OwnerNode).HasColumnName("owner_node");
            job.Property(j => j.OwnerHost).HasColumnName("owner_host");
            job.Property(j => j.OwnerPid).HasColumnName("owner_pid");
            job.Property(j => j.OwnerProcessStart).HasColumnName("owner_process_start");
            job.Property(j => j.StartedAt).HasColumnName("started_at");
            job.Property(j => j.EndedAt).HasColumnName("ended_at");
            job.Property(j => j.Attempts).HasColumnName("attempts");
            job.Property(j => j.MaxAttempts).HasColumnName("max_attempts");
            job.Property(j => j.Losses).HasColumnName("losses");
            job.Property(j => j.TransientAttempts).HasColumnName("transient_attempts");
            job.Property(j => j.Failure).HasColumnName("failure");
            job.Property(j => j.HeldFor).HasColumnName("held_for");
            job.Property(j => j.ProcessRun).HasColumnName("process_run");
            job.Property(j => j.LogRun).HasColumnName("log_run");
            job.Property(j => j.LogHost).HasColumnName("log_host");
            job.Property(j => j.Obstacle).HasColumnName("obstacle");
            job.Property(j => j.ObstacleSince).HasColumnName("obstacle_since");
            job.Property(j => j.CancelRequestedAt).HasColumnName("cancel_requested_at");
            job.Property(j => j.Reason).HasColumnName("reason");
            job.Property(j => j.DedupeKey).HasColumnName("dedupe_key");
            job.Property(j => j.Announce).HasColumnName("announce");
            job.Property(j => j.Payload).HasColumnName("payload").HasColumnType("jsonb");
            job.Property(j => j.Result).HasColumnName("result").HasColumnType("jsonb");
        });
        modelBuilder.Entity<DeliveryTask>(task =>
        {
            task.ToTable("task");
            task.HasKey(t => t.CorrelationId).HasName("task_pkey");
            task.Ignore(t => t.Id);
            task.Ignore(t => t.Sequence); // the database's own
            task.Property(t => t.CorrelationId).HasColumnName("id").ValueGeneratedNever();
            task.Property(t => t.Repository).HasColumnName("repository");
            task.Property(t => t.Title).HasColumnName("title");
            task.Property(t => t.ExternalKey).HasColumnName("external_key");
            task.Property(t => t.Branch).HasColumnName("branch");
            task.Property(t => t.State).HasColumnName("state");
            task.Property(t => t.Stage).HasColumnName("stage");
            task.Property(t => t.Step).HasColumnName("step");
            task.Property(t => t.StageSince).HasColumnName("stage_since");
            task.Property(t => t.JobId).HasColumnName("job_id");
            task.Property(t => t.LookAt).HasColumnName("look_at");
            task.Property(t => t.Retries).HasColumnName("retries");
            task.Property(t => t.MaxRetries).HasColumnName("max_retries");
            task.Property(t => t.PausedAt).HasColumnName("paused_at");
            task.Property(t => t.PauseReason).HasColumnName("pause_reason");
            task.Property(t => t.Reason).HasColumnName("reason");
            task.Property(t => t.Note).HasColumnName("note");
            task.Property(t => t.PullRequest).HasColumnName("pull_request");
            task.Property(t => t.HeadSha).HasColumnName("head_sha");
            task.Property(t => t.CreatedAt).HasColumnName("created_at");
            task.Property(t => t.EndedAt).HasColumnName("ended_at");
        });
    }
}
