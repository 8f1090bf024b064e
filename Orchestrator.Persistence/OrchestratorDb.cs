using Microsoft.EntityFrameworkCore;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Outbox;

namespace Orchestrator.Persistence;

/// <summary>The mapping for reads, saga queries and the outbox. What locks or moves rows is SQL, one file per ledger.</summary>
public sealed class OrchestratorDb(DbContextOptions<OrchestratorDb> options) : DbContext(options)
{
    public DbSet<Job> Jobs => Set<Job>();

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
    }
}
