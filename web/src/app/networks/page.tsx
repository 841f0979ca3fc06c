import { NetworksList } from "@/features/networks/networks-list";

export default function Page() {
  return <NetworksList />;
}
