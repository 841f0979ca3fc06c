import { ClusterPage } from "@/features/clusters/cluster-page";

export default function Page() {
  return <ClusterPage />;
}
